"""Reviews of finished contracts, penalties for what went wrong, and the credit score that they make."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.awards.models import Award
from marketplace.contracts.models import Contract
from marketplace.parties.models import Organization

from .penalty_codes import PENALTY_CODES
from .states import PenaltyStatus

STARS = (MinValueValidator(1), MaxValueValidator(5))


class Review(models.Model):
    """Be an owner's review of a firm after a contract: five dimensions, one to five stars each, and words."""

    contract = models.OneToOneField(Contract, models.PROTECT, related_name="review")
    buyer = models.ForeignKey(Organization, models.PROTECT, related_name="reviews_given")
    supplier = models.ForeignKey(Organization, models.PROTECT, related_name="reviews_received")
    quality = models.PositiveSmallIntegerField(_("服务质量"), validators=STARS)
    timeliness = models.PositiveSmallIntegerField(_("服务时效"), validators=STARS)
    attitude = models.PositiveSmallIntegerField(_("服务态度"), validators=STARS)
    price = models.PositiveSmallIntegerField(_("服务收费"), validators=STARS)
    conduct = models.PositiveSmallIntegerField(_("服务规范"), validators=STARS)
    text = models.TextField(_("评价"), max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))
    reply = models.TextField(_("机构回复"), blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("评价")
        verbose_name_plural = _("评价")
        ordering = ("-at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(quality__range=(1, 5))
                & Q(timeliness__range=(1, 5))
                & Q(attitude__range=(1, 5))
                & Q(price__range=(1, 5))
                & Q(conduct__range=(1, 5)),
                name="review_stars",
            ),
        )

    def __str__(self) -> str:
        return f"{self.supplier} {self.stars}"

    @property
    def stars(self) -> float:
        """Give the mean of the five dimensions, to one decimal."""
        return round((self.quality + self.timeliness + self.attitude + self.price + self.conduct) / 5, 1)


class Penalty(models.Model):
    """Be a behavior of penalty_codes.py that costs a firm `points` of its score, or goes on an owner's record.

    It counts until `counts_until`, unless it is withdrawn before: on appeal because it was wrong, or by repair because the firm made
    good what it did (`repaired_at`). It stays public with what became of it. `by` is empty for what the system imposed.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="penalties", verbose_name=_("单位"))
    code = models.CharField(_("行为"), max_length=24)
    points = models.PositiveSmallIntegerField(_("扣分"))
    text = models.CharField(_("事实和依据"), max_length=500)
    award = models.ForeignKey(
        Award, models.PROTECT, null=True, blank=True, related_name="penalties", verbose_name=_("中选结果")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("记录时间"))
    counts_until = models.DateTimeField(_("计入信用分到"))
    status = models.CharField(_("状态"), max_length=10, choices=PenaltyStatus, default=PenaltyStatus.ACTIVE)
    withdrawn_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    withdrawal = models.CharField(_("撤销理由"), max_length=200, blank=True)
    repaired_at = models.DateTimeField(_("信用修复时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("不良行为记录")
        verbose_name_plural = _("不良行为记录")
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("status", "counts_until"), name="penalty_ageing"),)
        constraints = (
            models.UniqueConstraint(
                fields=("award", "code"), condition=Q(award__isnull=False), name="penalty_once_for_award"
            ),
            models.CheckConstraint(condition=Q(points__lte=100), name="penalty_points"),
            models.CheckConstraint(
                condition=Q(status="active", withdrawn_at__isnull=True, repaired_at__isnull=True)
                | Q(status="withdrawn", withdrawn_at__isnull=False),
                name="penalty_withdrawn_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.organization} {self.label}"

    @property
    def label(self) -> str:
        """Give the behavior in the reader's language."""
        return str(PENALTY_CODES[self.code].label)

    @property
    def follows(self) -> str:
        """Give what the rules let follow, in the reader's language."""
        return str(PENALTY_CODES[self.code].follows)


class CreditScore(models.Model):
    """Keep a firm's credit score in hundredths (0 to 10000), recomputed from its reviews and penalties."""

    organization = models.OneToOneField(Organization, models.CASCADE, related_name="credit")
    score = models.PositiveIntegerField(_("信用分（百分之一分）"))
    review_count = models.PositiveIntegerField(_("评价数"), default=0)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("信用分")
        verbose_name_plural = _("信用分")
        constraints = (models.CheckConstraint(condition=Q(score__lte=10000), name="credit_range"),)

    def __str__(self) -> str:
        return f"{self.organization} {self.score / 100:.1f}"
