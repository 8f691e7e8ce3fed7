"""Qualifications of firms and the services that they offer by them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import QualificationKind, ServiceCategory

from ..states import OfferingStatus, QualificationStatus
from .organizations import Organization, Origin
from .publicity import Publicity


class Qualification(models.Model):
    """Be a certificate of a firm, with where its data came from; `read_at` says when the library last confirmed it."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="qualifications")
    kind = models.ForeignKey(QualificationKind, models.PROTECT, verbose_name=_("资质种类"))
    grade = models.CharField(_("等级"), max_length=20, blank=True)
    scope = models.CharField(_("范围"), max_length=200, blank=True)
    number = models.CharField(_("证书编号"), max_length=60)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    origin = models.CharField(_("来源"), max_length=10, choices=Origin.choices, default=Origin.DECLARED)
    file = models.FileField(_("证书文件"), upload_to="qualifications/%Y/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(
        _("状态"), max_length=10, choices=QualificationStatus.choices, default=QualificationStatus.DECLARED
    )
    note = models.CharField(_("核验说明"), max_length=200, blank=True)
    identifier = models.CharField(_("证照标识"), max_length=120, blank=True)
    issuer = models.CharField(_("发证机关"), max_length=120, blank=True)
    issued_on = models.DateField(_("发证日期"), null=True, blank=True)
    read_at = models.DateTimeField(_("从证照库读取"), null=True, blank=True)

    class Meta:
        verbose_name = _("资质")
        verbose_name_plural = _("资质")
        constraints = (models.UniqueConstraint(fields=("kind", "number"), name="qualification_number_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.grade}".strip()


class ServiceOffering(models.Model):
    """Be a service of the catalogue that a firm offers; `publicity` is the public notice in which it stands or stood."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="offerings")
    service = models.ForeignKey(ServiceCategory, models.PROTECT, related_name="offerings")
    status = models.CharField(_("状态"), max_length=10, choices=OfferingStatus.choices)
    since = models.DateTimeField(_("自"))
    publicity = models.ForeignKey(
        Publicity, models.PROTECT, null=True, blank=True, related_name="offerings", verbose_name=_("公示")
    )

    class Meta:
        verbose_name = _("服务承接")
        verbose_name_plural = _("服务承接")
        constraints = (models.UniqueConstraint(fields=("organization", "service"), name="offering_once"),)

    def __str__(self) -> str:
        return f"{self.organization} · {self.service}"
