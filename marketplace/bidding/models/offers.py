"""Sealed offers and the boxes that they lie in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.tenders.models import Tender

from ..states import OfferStatus
from .bidders import Bidder


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
