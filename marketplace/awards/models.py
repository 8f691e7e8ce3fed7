"""Awards and objections."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.bidding.models import Bidder
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender

from .states import AwardStatus, ObjectionStatus


class Award(models.Model):
    """Be the firm chosen for a need, with why; standing still until `standstill_ends_at`.

    `explanation` is what methods.Explanation.as_data() gives. While an objection is open the clock stands since
    `clock_stopped_at`, and the rest of the standstill runs again after it is dismissed.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="awards")
    bidder = models.ForeignKey(Bidder, models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="awards", verbose_name=_("中选机构"))
    amount_fen = models.BigIntegerField(_("中选金额（分）"))
    explanation = models.JSONField(_("选取说明"), default=dict)
    status = models.CharField(_("状态"), max_length=10, choices=AwardStatus, default=AwardStatus.STANDSTILL)
    proposed_at = models.DateTimeField(_("公示开始"))
    standstill_ends_at = models.DateTimeField(_("公示结束"))
    clock_stopped_at = models.DateTimeField(_("公示中止"), null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("中选结果")
        verbose_name_plural = _("中选结果")
        ordering = ("-proposed_at",)
        indexes = (models.Index(fields=("status", "standstill_ends_at"), name="award_due"),)
        constraints = (
            models.UniqueConstraint(fields=("tender",), condition=~Q(status="revoked"), name="award_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="award_positive"),
            models.CheckConstraint(
                condition=~Q(status="objected") | Q(clock_stopped_at__isnull=False), name="award_clock_stopped"
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(confirmed_at__isnull=False), name="award_confirmed_when"
            ),
        )

    def __str__(self) -> str:
        return f"{self.tender.number} → {self.organization}"

    def get_absolute_url(self) -> str:
        return reverse("awards:award", args=[self.pk])


class Objection(models.Model):
    """Be a reasoned objection 异议 to an award; it stops the clock until it is decided."""

    award = models.ForeignKey(Award, models.CASCADE, related_name="objections")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("异议内容"))
    at = models.DateTimeField()
    status = models.CharField(_("状态"), max_length=10, choices=ObjectionStatus, default=ObjectionStatus.OPEN)
    decision = models.TextField(_("处理意见"), blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ("-at",)
        constraints = (
            models.UniqueConstraint(
                fields=("award", "organization"), condition=Q(status="open"), name="objection_open_once"
            ),
        )

    def __str__(self) -> str:
        return self.text[:40]
