"""Regions, kinds of qualification, government service matters and the intermediary services that they ask for."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .states import ServiceStatus


class Bilingual(models.Model):
    """Carry a name in Chinese and in English."""

    name = models.CharField(_("名称"), max_length=200)
    name_en = models.CharField(_("英文名称"), max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """Give the name in the reader's language."""
        return self.in_language("name")

    def in_language(self, field: str) -> str:
        """Give a field that has an `_en` twin in the reader's language, in Chinese where English is missing."""
        english = getattr(self, f"{field}_en") if (get_language() or "").startswith("en") else ""
        return str(english or getattr(self, field))


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


class QualificationKind(Bilingual):
    """Be a kind of qualification; `grades` lists its grades, highest first, empty when it has none."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    authority = models.CharField(_("发证机关"), max_length=120, blank=True)
    grades = models.JSONField(_("等级（由高到低）"), default=list, blank=True)
    abolished_on = models.DateField(_("取消日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("资质种类")
        verbose_name_plural = _("资质种类")
        ordering = ("code",)


class ServiceMatter(Bilingual):
    """Be a government service matter (政务服务事项) that asks for the result of an intermediary service."""

    code = models.CharField(_("事项编码"), max_length=40, unique=True)
    department = models.CharField(_("主管部门"), max_length=80)
    department_en = models.CharField(_("主管部门（英文）"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("政务服务事项")
        verbose_name_plural = _("政务服务事项")
        ordering = ("code",)

    @property
    def department_label(self) -> str:
        """Name the department in the reader's language."""
        return self.in_language("department")


class ServiceCategoryQuerySet(models.QuerySet["ServiceCategory"]):
    def open(self) -> ServiceCategoryQuerySet:
        """Keep the services that may be asked for and offered."""
        return self.exclude(status=ServiceStatus.CANCELLED)


class ServiceCategory(Bilingual):
    """Be an intermediary service of the published list (中介服务事项清单).

    `requirement` says as data who may provide it: ``{}`` any capable body, ``{"kind": code, "grade": lowest}`` one
    qualification (with ``"scope"``: words that its scope must contain), ``{"any": [...]}`` or ``{"all": [...]}`` over such.
    Whoever did a service in `reviewed` for a project may not do this one for it: author and reviewer are two.
    """

    class Group(models.TextChoices):
        PLANNING = "planning", _("立项与规划")
        ENVIRONMENT = "environment", _("环保与水利")
        LAND = "land", _("土地与测绘")
        CONSTRUCTION = "construction", _("工程建设")
        FINANCE = "finance", _("造价与财务")
        SAFETY = "safety", _("安全与卫生")
        OTHER = "other", _("其他专项")

    code = models.CharField(_("服务编码"), max_length=20, unique=True)
    group = models.CharField(_("类别"), max_length=16, choices=Group.choices)
    matters = models.ManyToManyField(ServiceMatter, related_name="services", verbose_name=_("所服务的事项"))
    department = models.CharField(_("主管部门"), max_length=80)
    department_en = models.CharField(_("主管部门（英文）"), max_length=160, blank=True)
    legal_basis = models.CharField(_("设定依据"), max_length=300)
    requirement = models.JSONField(_("机构要求（数据）"), default=dict, blank=True)
    requirement_text = models.CharField(_("机构要求"), max_length=200)
    requirement_text_en = models.CharField(_("机构要求（英文）"), max_length=200, blank=True)
    may_prepare_itself = models.BooleanField(_("申请人可自行编制"), null=True)
    output = models.CharField(_("服务成果"), max_length=120, blank=True)
    output_en = models.CharField(_("服务成果（英文）"), max_length=200, blank=True)
    reviewed = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="reviewers", verbose_name=_("评审、监督的服务")
    )
    status = models.CharField(_("状态"), max_length=10, choices=ServiceStatus.choices, default=ServiceStatus.KEPT)

    objects = ServiceCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("中介服务事项")
        verbose_name_plural = _("中介服务事项")
        ordering = ("code",)

    def get_absolute_url(self) -> str:
        return reverse("catalog:service", args=[self.code])

    @property
    def department_label(self) -> str:
        """Name the department in the reader's language."""
        return self.in_language("department")

    @property
    def departments(self) -> list[tuple[str, str]]:
        """Give each of the departments as (Chinese name, name in the reader's language)."""
        names, labels = self.department.split("、"), self.department_label.replace(", ", "、").split("、")
        return list(zip(names, labels if len(labels) == len(names) else names, strict=True))

    @property
    def requirement_label(self) -> str:
        """Say in the reader's language who may provide it."""
        return self.in_language("requirement_text")

    @property
    def output_label(self) -> str:
        """Name the result in the reader's language."""
        return self.in_language("output")
