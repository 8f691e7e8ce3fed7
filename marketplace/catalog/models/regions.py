"""Places: GB/T 2260 codes, functional areas without one, and the codes that places had before."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .words import Bilingual

EXCHANGE_ZEROS = "000000"  # exchange tables write a county as 12 digits: its code and six zeros


class Region(Bilingual):
    """Be a place by its GB/T 2260 code, or a functional area with a code of our own below its city.

    `latitude` and `longitude` are decimal degrees (WGS 84) of its seat of government; most places have none and stand
    where the place around them stands.
    """

    class Level(models.TextChoices):
        PROVINCE = "province", _("省")
        CITY = "city", _("市")
        COUNTY = "county", _("区县")
        TOWNSHIP = "township", _("乡镇街道")
        FUNCTIONAL = "functional", _("功能区")

    code = models.CharField(_("区划代码"), max_length=12, unique=True)
    level = models.CharField(_("级别"), max_length=12, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    latitude = models.FloatField(_("纬度（度）"), null=True, blank=True)
    longitude = models.FloatField(_("经度（度）"), null=True, blank=True)

    class Meta:
        verbose_name = _("区划")
        verbose_name_plural = _("区划")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(
                    latitude__isnull=False,  # said, because a comparison with nothing would let it pass
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="region_place_whole",
                violation_error_message=_("纬度和经度要么都填写，要么都不填写，并在正常范围内。"),
            ),
        )

    @property
    def place(self) -> tuple[float, float] | None:
        """Give latitude and longitude, its own or those of the nearest place around it that has any."""
        region: Region | None = self
        while region is not None:
            if region.latitude is not None and region.longitude is not None:
                return region.latitude, region.longitude
            region = region.parent
        return None

    @property
    def has_local_code(self) -> bool:
        """Tell whether the code is one of our own: functional areas have none by GB/T 2260."""
        return not self.code.isdigit()

    @classmethod
    def by_code(cls, code: str, on: date | None = None) -> Region | None:
        """Return the place that a code means, None where it means none; takes 6, 9 or 12 digits and codes of our own.

        A code that the place had before counts too. With `on`, a code counts only on the days on which it was in force:
        360622 (余江县) before 360603 (余江区) took its place, 360603 from then on.
        """
        code = code.strip()
        if len(code) == 12 and code.endswith(EXCHANGE_ZEROS):
            code = code.removesuffix(EXCHANGE_ZEROS)
        region = cls.objects.filter(code=code).first()
        if region is not None:
            earlier = on is not None and region.aliases.in_force(on).exists()
            return None if earlier else region
        aliases = RegionAlias.objects.filter(code=code).select_related("region")
        alias = (aliases if on is None else aliases.in_force(on)).order_by("-valid_from").first()
        return alias.region if alias else None


class RegionAliasQuerySet(models.QuerySet["RegionAlias"]):
    def in_force(self, on: date) -> RegionAliasQuerySet:
        """Keep the codes that were in force on a day."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_until=None) | Q(valid_until__gte=on))


class RegionAlias(models.Model):
    """Be a code under which a place stood before, with the first and the last day on which it did (none: not known)."""

    region = models.ForeignKey(Region, models.CASCADE, related_name="aliases", verbose_name=_("现区划"))
    code = models.CharField(_("旧代码"), max_length=12)
    name = models.CharField(_("当时的名称"), max_length=200)
    valid_from = models.DateField(_("自"), null=True, blank=True)
    valid_until = models.DateField(_("至"), null=True, blank=True)
    source = models.CharField(_("依据"), max_length=200, blank=True)

    objects = RegionAliasQuerySet.as_manager()

    class Meta:
        verbose_name = _("旧区划代码")
        verbose_name_plural = _("旧区划代码")
        ordering = ("code", "valid_until")
        constraints = (
            models.UniqueConstraint(fields=("code", "region"), name="region_alias_once"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                name="region_alias_days",
                violation_error_message=_("最后一天不能早于第一天。"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
