"""Number series, and the versioned rules under which firms are selected."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Region

from .choices import Method, MoneyKind


class NumberSeries(models.Model):
    """Count the needs of a year, so that numbers are short, unique and in order."""

    name = models.CharField(_("系列"), max_length=16, unique=True)
    last = models.PositiveIntegerField(_("最近的编号"), default=0)

    class Meta:
        verbose_name = _("编号系列")
        verbose_name_plural = _("编号系列")

    def __str__(self) -> str:
        return f"{self.name}-{self.last:06d}"

    @classmethod
    def take(cls, name: str) -> str:
        """Return the next number of a series, such as YT2026-000123; call inside a transaction."""
        series, _created = cls.objects.get_or_create(name=name)
        series = cls.objects.select_for_update().get(pk=series.pk)
        series.last += 1
        series.save(update_fields=["last"])
        return str(series)


class RuleSet(models.Model):
    """Be one version of the rules for a method: everywhere or in a region, for all or one kind of money.

    `data` has the keys of rule_data.DEFAULTS for the method; `since` is when the version takes effect. Versions are
    never changed: a change is a new version. Which one holds for a need decides actions.rule_set_for().
    """

    method = models.CharField(_("选取方式"), max_length=20, choices=Method.choices)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("地区"))
    money_kind = models.CharField(_("资金性质"), max_length=8, choices=MoneyKind.choices, blank=True)
    version = models.PositiveIntegerField(_("版本"))
    data = models.JSONField(_("规则"), default=dict)
    since = models.DateTimeField(_("生效时间"))
    note = models.CharField(_("修订说明"), max_length=200, blank=True)
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("选取规则")
        verbose_name_plural = _("选取规则")
        ordering = ("method", "-version")
        constraints = (models.UniqueConstraint(fields=("method", "version"), name="rule_set_version_once"),)

    def __str__(self) -> str:
        return f"{self.get_method_display()} v{self.version}"
