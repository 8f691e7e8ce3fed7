"""Investment projects and the approval cases in them that wait for an intermediary's result."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Region, ServiceMatter
from marketplace.parties.models import Organization

from .states import CaseStatus


class InvestmentProject(models.Model):
    """Be a project as the approval platform knows it, by its 项目代码 (GB/T 40058-2021)."""

    code = models.CharField(_("项目代码"), max_length=24, unique=True)
    name = models.CharField(_("项目名称"), max_length=200)
    owner = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="projects")
    owner_uscc = models.CharField(_("项目单位代码"), max_length=18)
    owner_name = models.CharField(_("项目单位"), max_length=120)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("建设地点"))
    location = models.CharField(_("地址"), max_length=200, blank=True)
    investment_fen = models.BigIntegerField(_("总投资（分）"), null=True, blank=True)
    fetched_at = models.DateTimeField(_("取自审批平台"))

    class Meta:
        verbose_name = _("投资项目")
        verbose_name_plural = _("投资项目")
        ordering = ("-fetched_at",)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ApprovalCase(models.Model):
    """Be a matter in progress at the approval platform (审批件) for a project."""

    project = models.ForeignKey(InvestmentProject, models.CASCADE, related_name="cases")
    number = models.CharField(_("办件编号"), max_length=40, unique=True)
    matter = models.ForeignKey(ServiceMatter, models.PROTECT, verbose_name=_("政务服务事项"))
    status = models.CharField(_("状态"), max_length=10, choices=CaseStatus.choices, default=CaseStatus.WAITING)

    class Meta:
        verbose_name = _("审批件")
        verbose_name_plural = _("审批件")
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.matter}"
