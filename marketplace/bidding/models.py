"""Bidders, auctions, bids and sealed offers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.core.models import Event
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender

from .states import AuctionStatus, BidderStatus, OfferStatus


class Bidder(models.Model):
    """Be a firm signed up for a need. `label` is its random name there; who it is stays masked until the award.

    `nonce` is what the firm throws into the seed of the draw, if it wants to; fixed at the end of the sign-up.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="bidders")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="bidders")
    label = models.CharField(_("代号"), max_length=8)
    status = models.CharField(_("状态"), max_length=10, choices=BidderStatus.choices, default=BidderStatus.ACTIVE)
    signed_up_at = models.DateTimeField(_("报名时间"))
    signed_up_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    nonce = models.CharField(_("随机数"), max_length=64, blank=True)
    reason = models.CharField(_("剔除原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("报名")
        verbose_name_plural = _("报名")
        constraints = (
            models.UniqueConstraint(fields=("tender", "organization"), name="bidder_once"),
            models.UniqueConstraint(fields=("tender", "label"), name="bidder_label_once"),
        )

    def __str__(self) -> str:
        return f"{self.label} {self.organization}"


class Auction(models.Model):
    """Be the live auction of a need: its clock, its price, its leader; the row under whose lock bids are decided.

    `ends_at` is the effective end, moved only by an accepted bid (soft close) and never beyond `hard_ends_at`.
    """

    tender = models.OneToOneField(Tender, models.PROTECT, related_name="auction")
    status = models.CharField(_("状态"), max_length=10, choices=AuctionStatus, default=AuctionStatus.SCHEDULED)
    opens_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    hard_ends_at = models.DateTimeField(_("最晚结束"))
    ceiling_fen = models.BigIntegerField(_("最高限价（分）"))
    step_fen = models.BigIntegerField(_("最小降价幅度（分）"))
    window_seconds = models.PositiveIntegerField(_("延时窗口（秒）"))
    max_extensions = models.PositiveIntegerField(_("最多延时次数"))
    extensions = models.PositiveIntegerField(_("已延时次数"), default=0)
    sequence = models.PositiveIntegerField(_("报价次数"), default=0)
    best_fen = models.BigIntegerField(_("最低报价（分）"), null=True, blank=True)
    leader = models.ForeignKey(Bidder, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("竞价")
        verbose_name_plural = _("竞价")
        ordering = ("opens_at",)
        indexes = (models.Index(fields=("status", "ends_at"), name="auction_due"),)
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__lte=F("hard_ends_at")), name="auction_end_capped"),
            models.CheckConstraint(
                condition=Q(best_fen__isnull=True, leader__isnull=True, sequence=0)
                | Q(best_fen__lte=F("ceiling_fen"), leader__isnull=False, sequence__gt=0),
                name="auction_price_has_leader",
            ),
        )

    def __str__(self) -> str:
        return f"{self.tender.number} {self.get_status_display()}"

    def get_absolute_url(self) -> str:
        return reverse("bidding:room", args=[self.tender.number])

    @property
    def highest_legal_fen(self) -> int:
        """Give the highest amount that a next bid may have."""
        return self.ceiling_fen if self.best_fen is None else self.best_fen - self.step_fen

    @property
    def fall_fen(self) -> int:
        """Give how far the price has fallen below the ceiling."""
        return 0 if self.best_fen is None else self.ceiling_fen - self.best_fen


class Bid(models.Model):
    """Be an accepted bid. `sequence` is dense 1..n in its auction; `key` is the client's, the same key is the same bid."""

    auction = models.ForeignKey(Auction, models.PROTECT, related_name="bids")
    bidder = models.ForeignKey(Bidder, models.PROTECT, related_name="bids")
    sequence = models.PositiveIntegerField(_("序号"))
    amount_fen = models.BigIntegerField(_("报价（分）"))
    key = models.CharField(max_length=64)
    at = models.DateTimeField(_("时间"))
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    event = models.OneToOneField(Event, models.PROTECT, related_name="+")

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


class OfferBox(models.Model):
    """Be the box into which the sealed offers of a need go: anybody may put in, only its key in the safe opens it."""

    tender = models.OneToOneField(Tender, models.PROTECT, related_name="offer_box")
    public_key = models.CharField(_("公钥"), max_length=64)
    opened_at = models.DateTimeField(_("开启时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("报价箱")
        verbose_name_plural = _("报价箱")

    def __str__(self) -> str:
        return f"{self.tender.number}"


class SealedOffer(models.Model):
    """Be an offer that nobody can read before the opening: `sealed` and `plan` are encrypted to the need's own key.

    `commitment` is the SHA-256 that the firm got as its receipt; it covers price, plan and a nonce. Price, plan and nonce
    stand here in the open only from `opened_at` on, the plan then in `opened_plan`. An offer that replaces another is a new
    row. One that could not be opened, or does not keep to the terms, is invalid, and `reason` says why.
    """

    bidder = models.ForeignKey(Bidder, models.PROTECT, related_name="sealed_offers")
    number = models.PositiveIntegerField(_("序号"))
    commitment = models.CharField(_("承诺值"), max_length=64)
    sealed = models.BinaryField()
    plan = models.FileField(_("方案密文"), upload_to="offers/%Y/", blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=OfferStatus, default=OfferStatus.SEALED)
    submitted_at = models.DateTimeField(_("提交时间"))
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("开启时间"), null=True, blank=True)
    amount_fen = models.BigIntegerField(_("报价（分）"), null=True, blank=True)
    discount_points = models.PositiveIntegerField(_("下浮率（万分之一）"), null=True, blank=True)
    nonce = models.CharField(max_length=64, blank=True)
    opened_plan = models.FileField(_("方案"), upload_to="plans/%Y/", blank=True)
    plan_name = models.CharField(_("方案文件名"), max_length=200, blank=True)
    plan_sha256 = models.CharField(max_length=64, blank=True)
    reason = models.CharField(_("无效原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("密封报价")
        verbose_name_plural = _("密封报价")
        ordering = ("bidder", "number")
        constraints = (
            models.UniqueConstraint(fields=("bidder", "number"), name="sealed_offer_number_once"),
            models.UniqueConstraint(
                fields=("bidder",), condition=Q(status__in=["sealed", "opened"]), name="sealed_offer_one_holds"
            ),
            models.CheckConstraint(
                condition=Q(status="opened", opened_at__isnull=False, amount_fen__gt=0)
                | (
                    ~Q(status="opened")
                    & Q(amount_fen__isnull=True, discount_points__isnull=True, nonce="")
                    & Q(opened_plan="", plan_name="", plan_sha256="")
                ),
                name="sealed_offer_closed_until_opened",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["opened", "invalid"]) | Q(opened_at__isnull=True),
                name="sealed_offer_opened_when",
            ),
            models.CheckConstraint(
                condition=Q(status="invalid", opened_at__isnull=False) & ~Q(reason="")
                | ~Q(status="invalid") & Q(reason=""),
                name="sealed_offer_invalid_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.bidder.label} {self.commitment[:12]}"

    def get_absolute_url(self) -> str:
        return reverse("bidding:offer", args=[self.bidder.tender.number])

    @property
    def discount_percent(self) -> str:
        """Give the discount in percent, "12.34", or nothing where an amount was asked for."""
        return "" if self.discount_points is None else f"{self.discount_points / 100:.2f}"
