"""Reviews of finished contracts and the credit score that they make."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.contracts.models import Contract
from marketplace.parties.models import Organization

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


class CreditScore(models.Model):
    """Keep a firm's credit score in hundredths (0 to 10000), recomputed from its reviews."""

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
