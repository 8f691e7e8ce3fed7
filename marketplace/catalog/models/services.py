"""Intermediary services of the published list (中介服务事项清单)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..states import ServiceStatus
from .matters import ApplicationMaterial, ServiceMatter
from .words import Bilingual, TimeUnit, duration_words


class ServiceCategoryQuerySet(models.QuerySet["ServiceCategory"]):
    def open(self) -> ServiceCategoryQuerySet:
        """Keep the services that may be asked for and offered."""
        return self.exclude(status=ServiceStatus.CANCELLED)


class ServiceCategory(Bilingual):
    """Be an intermediary service of the published list (中介服务事项清单).

    `requirement` says as data who may provide it: ``{}`` any capable body, ``{"kind": code, "grade": lowest}`` one
    qualification (with ``"scope"``: words that its scope must contain), ``{"practitioner": code, "count": n}`` people with a
    professional certificate, ``{"any": [...]}`` or ``{"all": [...]}`` over such.
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

    class Entrusting(models.TextChoices):
        APPLICANT = "applicant", _("申请人委托")
        DEPARTMENT = "department", _("审批部门委托")

    class PriceKind(models.TextChoices):
        MARKET = "market", _("市场调节价")
        GUIDED = "guided", _("政府指导价")
        SET = "set", _("政府定价")

    code = models.CharField(_("服务编码"), max_length=20, unique=True)
    group = models.CharField(_("类别"), max_length=16, choices=Group.choices)
    matters = models.ManyToManyField(ServiceMatter, related_name="services", verbose_name=_("所服务的事项"))
    materials = models.ManyToManyField(
        ApplicationMaterial, related_name="services", blank=True, verbose_name=_("可作为的申请材料")
    )
    department = models.CharField(_("主管部门"), max_length=80)
    department_en = models.CharField(_("主管部门（英文）"), max_length=160, blank=True)
    legal_basis = models.CharField(_("设定依据"), max_length=300)
    requirement = models.JSONField(_("机构要求（数据）"), default=dict, blank=True)
    requirement_text = models.CharField(_("机构要求"), max_length=200)
    requirement_text_en = models.CharField(_("机构要求（英文）"), max_length=200, blank=True)
    entrusted_by = models.CharField(_("由谁委托"), max_length=10, choices=Entrusting.choices, blank=True)
    may_prepare_itself = models.BooleanField(_("申请人可自行编制"), null=True)
    price_kind = models.CharField(_("收费性质"), max_length=8, choices=PriceKind.choices, blank=True)
    price_basis = models.CharField(_("收费依据"), max_length=300, blank=True)
    reference_count = models.PositiveSmallIntegerField(_("参考时限"), null=True, blank=True)
    reference_unit = models.CharField(
        _("参考时限单位"), max_length=12, choices=TimeUnit.choices, default=TimeUnit.WORKING_DAY
    )
    output = models.CharField(_("服务成果"), max_length=120, blank=True)
    output_en = models.CharField(_("服务成果（英文）"), max_length=200, blank=True)
    validity_count = models.PositiveSmallIntegerField(_("成果有效期"), null=True, blank=True)
    validity_unit = models.CharField(
        _("成果有效期单位"), max_length=12, choices=TimeUnit.choices, default=TimeUnit.YEAR
    )
    validity_note = models.CharField(_("成果有效期说明"), max_length=200, blank=True)
    reviewed = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="reviewers", verbose_name=_("评审、监督的服务")
    )
    status = models.CharField(_("状态"), max_length=10, choices=ServiceStatus.choices, default=ServiceStatus.KEPT)
    status_date = models.DateField(_("状态日期"), null=True, blank=True)
    status_source = models.CharField(_("状态依据"), max_length=300, blank=True)

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

    @property
    def reference_label(self) -> str:
        """Say how long such work usually takes."""
        return duration_words(self.reference_count, self.reference_unit)

    @property
    def validity_label(self) -> str:
        """Say for how long the result holds."""
        return duration_words(self.validity_count, self.validity_unit)

    def clean(self) -> None:
        """Refuse contradictions between who entrusts, who may do it and who pays."""
        if self.entrusted_by == self.Entrusting.DEPARTMENT and self.may_prepare_itself:
            raise ValidationError({"may_prepare_itself": _("由审批部门委托的服务，不存在申请人自行编制。")})
