"""Spot checks 抽查 after entry: drawn by a committed seed, decided by the department with its reason."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..states import SpotCheckStatus
from .organizations import Organization


class SpotCheckRound(models.Model):
    """Be one drawing of firms: `commitment` (SHA-256 of the seed) is public before the firms drawn from are fixed.

    `population` lists the codes drawn from, in order; with the published `seed` anybody draws the same firms again. The seed
    lies in the safe until `draws_at`, so nobody can fix the population to suit it.
    """

    commitment = models.CharField(_("种子的承诺"), max_length=64)
    committed_at = models.DateTimeField(_("承诺时间"))
    draws_at = models.DateTimeField(_("抽取定于"), null=True, blank=True)
    fixed_at = models.DateTimeField(_("范围确定时间"), null=True, blank=True)
    seed = models.CharField(_("种子"), max_length=64, blank=True)
    drawn_at = models.DateTimeField(_("抽取时间"), null=True, blank=True)
    population = models.JSONField(_("抽取范围"), default=list)
    count = models.PositiveIntegerField(_("抽取数量"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("抽查批次")
        verbose_name_plural = _("抽查批次")
        ordering = ("-committed_at", "-pk")

    def __str__(self) -> str:
        return f"{self.committed_at:%Y-%m-%d} {self.commitment[:8]}"

    def get_absolute_url(self) -> str:
        return reverse("parties:spot_check_round", args=[self.pk])


class SpotCheck(models.Model):
    """Be the check of one firm that was drawn."""

    round = models.ForeignKey(SpotCheckRound, models.CASCADE, related_name="checks")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="spot_checks")
    status = models.CharField(
        _("状态"), max_length=10, choices=SpotCheckStatus.choices, default=SpotCheckStatus.PENDING
    )
    findings = models.TextField(_("检查情况"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("检查时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("抽查")
        verbose_name_plural = _("抽查")
        ordering = ("round", "pk")
        constraints = (models.UniqueConstraint(fields=("round", "organization"), name="spot_check_once"),)

    def __str__(self) -> str:
        return f"{self.organization} {self.round}"


class LibraryFeed(models.Model):
    """Remember how far the licence library's feed of changes was read."""

    cursor = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("证照库变更")
        verbose_name_plural = _("证照库变更")

    def __str__(self) -> str:
        return str(self.cursor)
