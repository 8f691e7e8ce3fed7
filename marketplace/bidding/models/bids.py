"""What firms did in an auction: bids, refused bids, limits left with the system, and bids declared void."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.core.models import Event

from .auctions import Auction
from .bidders import Bidder


class Bid(models.Model):
    """Be an accepted bid. `sequence` is dense 1..n in its auction; `key` is the client's, the same key is the same bid.

    A bid is never deleted: one that was declared void keeps its row and its place, and no longer counts.
    """

    class Kind(models.TextChoices):
        MANUAL = "manual", _("报价")
        INITIAL = "initial", _("首轮密封报价")
        AUTO = "auto", _("代理报价")

    auction = models.ForeignKey(Auction, models.PROTECT, related_name="bids")
    bidder = models.ForeignKey(Bidder, models.PROTECT, related_name="bids")
    sequence = models.PositiveIntegerField(_("序号"))
    amount_fen = models.BigIntegerField(_("报价（分）"))
    kind = models.CharField(_("种类"), max_length=8, choices=Kind, default=Kind.MANUAL)
    key = models.CharField(max_length=64)
    at = models.DateTimeField(_("时间"))
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    event = models.OneToOneField(Event, models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("报价")
        verbose_name_plural = _("报价")
        ordering = ("auction", "sequence")
        constraints = (
            models.UniqueConstraint(fields=("auction", "sequence"), name="bid_sequence_once"),
            models.UniqueConstraint(fields=("bidder", "key"), name="bid_key_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="bid_positive"),
        )

    def __str__(self) -> str:
        return f"#{self.sequence} {self.amount_fen}"


class RefusedBid(models.Model):
    """Keep a bid that was not accepted and why: its key keeps this answer, and a dispute finds it (rule R7)."""

    bidder = models.ForeignKey(Bidder, models.PROTECT, related_name="refused_bids")
    key = models.CharField(max_length=64)
    amount_fen = models.BigIntegerField(_("报价（分）"))
    code = models.CharField(_("原因"), max_length=32)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(_("时间"))
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("未受理的报价")
        verbose_name_plural = _("未受理的报价")
        ordering = ("bidder", "pk")
        constraints = (models.UniqueConstraint(fields=("bidder", "key"), name="refused_bid_key_once"),)

    def __str__(self) -> str:
        return f"{self.code} {self.amount_fen}"


class ProxyBid(models.Model):
    """Be the limit that a firm left with the system, known to itself alone; no limit means that it was taken back.

    The chain has `commitment`, the SHA-256 over need, label, limit and nonce, so that a limit can be proved afterwards.
    """

    bidder = models.OneToOneField(Bidder, models.PROTECT, related_name="proxy")
    limit_fen = models.BigIntegerField(_("代理报价底线（分）"), null=True, blank=True)
    key = models.CharField(max_length=64)
    nonce = models.CharField(max_length=64)
    commitment = models.CharField(_("承诺值"), max_length=64)
    at = models.DateTimeField(_("时间"))
    order = models.PositiveBigIntegerField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("代理报价")
        verbose_name_plural = _("代理报价")
        constraints = (
            models.CheckConstraint(condition=Q(limit_fen__isnull=True) | Q(limit_fen__gt=0), name="proxy_positive"),
        )

    def __str__(self) -> str:
        return f"{self.bidder.label} {self.commitment[:12]}"


class BidVoid(models.Model):
    """Declare a bid void: asked for by one person and, where the rules want two, confirmed by another."""

    bid = models.OneToOneField(Bid, models.PROTECT, related_name="void")
    reason = models.CharField(_("理由"), max_length=200)
    requested_at = models.DateTimeField(_("提出时间"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("报价作废")
        verbose_name_plural = _("报价作废")
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="bid_void_confirmed_by_whom",
            ),
        )

    def __str__(self) -> str:
        return f"{self.bid} {self.reason}"
