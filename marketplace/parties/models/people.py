"""People of organizations: who acts for them, and who works there with a professional certificate."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import QualificationKind
from marketplace.core import clock

from ..states import CertificateStatus, PractitionerStatus
from .organizations import Organization, Origin


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, today: date | None = None) -> MembershipQuerySet:
        """Keep those whose days include today (in Shanghai)."""
        today = today or timezone.localdate(clock.now())
        begun = Q(starts_on__isnull=True) | Q(starts_on__lte=today)
        return self.filter(begun, Q(ends_on__isnull=True) | Q(ends_on__gte=today))

    def administrators(self) -> MembershipQuerySet:
        return self.filter(role=Membership.Role.ADMINISTRATOR)


class Membership(models.Model):
    """Let a person act for an organization from `starts_on` to `ends_on` (days in Shanghai, both included; None open).

    An administrator of the organization has every power; an agent has those in `powers` (values of Power).
    """

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", _("管理员")
        AGENT = "agent", _("经办人")

    class Power(models.TextChoices):
        BID = "bid", _("报名报价")
        NEED = "need", _("发布需求与选取")
        SIGN = "sign", _("签订合同")
        PAY = "pay", _("收款付款")
        DELIVER = "deliver", _("交付与验收")
        PROFILE = "profile", _("入驻资料")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    role = models.CharField(_("角色"), max_length=16, choices=Role.choices, default=Role.ADMINISTRATOR)
    powers = models.JSONField(_("权限"), default=list, blank=True)
    starts_on = models.DateField(_("自"), null=True, blank=True)
    ends_on = models.DateField(_("至"), null=True, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("成员")
        verbose_name_plural = _("成员")
        constraints = (
            models.UniqueConstraint(fields=("user", "organization"), name="membership_once"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="membership_days",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} @ {self.organization}"

    def has_power(self, power: str) -> bool:
        """Tell whether the person has a power; an administrator has every one."""
        return self.role == self.Role.ADMINISTRATOR or power in self.powers

    @property
    def power_labels(self) -> list[str]:
        """Name the powers in the reader's language, all of them for an administrator."""
        return [str(one.label) for one in self.Power if self.has_power(one)]


class Practitioner(models.Model):
    """Be a professional who works for a firm; the same person (`person_key`) works for one firm at a time.

    `person_key` is the HMAC-SHA256 of the identity number, which is not kept; `last4` are its last four characters.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="practitioners")
    name = models.CharField(_("姓名"), max_length=60)
    person_key = models.CharField(max_length=64)
    last4 = models.CharField(_("证件号码后四位"), max_length=4)
    status = models.CharField(
        _("状态"), max_length=10, choices=PractitionerStatus.choices, default=PractitionerStatus.ACTIVE
    )
    joined_at = models.DateTimeField(_("加入时间"))
    left_at = models.DateTimeField(_("离开时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("执业人员")
        verbose_name_plural = _("执业人员")
        constraints = (
            models.UniqueConstraint(fields=("person_key",), condition=Q(status="active"), name="practitioner_one_firm"),
        )

    def __str__(self) -> str:
        return self.name


class PractitionerCertificate(models.Model):
    """Be a professional certificate of a practitioner; its kind is a QualificationKind held by persons."""

    practitioner = models.ForeignKey(Practitioner, models.CASCADE, related_name="certificates")
    kind = models.ForeignKey(QualificationKind, models.PROTECT, verbose_name=_("执业资格"))
    discipline = models.CharField(_("专业"), max_length=120, blank=True)
    number = models.CharField(_("证书编号"), max_length=60)
    identifier = models.CharField(_("证照标识"), max_length=120, blank=True)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    origin = models.CharField(_("来源"), max_length=10, choices=Origin.choices, default=Origin.DECLARED)
    status = models.CharField(
        _("状态"), max_length=10, choices=CertificateStatus.choices, default=CertificateStatus.VALID
    )
    read_at = models.DateTimeField(_("从证照库读取"), null=True, blank=True)
    file = models.FileField(_("证书文件"), upload_to="practitioners/%Y/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("执业证书")
        verbose_name_plural = _("执业证书")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "number"), condition=Q(status="valid"), name="practitioner_certificate_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.practitioner} {self.kind}"
