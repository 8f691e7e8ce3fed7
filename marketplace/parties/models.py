"""Organizations and what belongs to them: members, practitioners, qualifications, offers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import QualificationKind, Region, ServiceCategory
from marketplace.core.models import Process

from .states import OfferingStatus, OrganizationStatus, QualificationStatus


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def active(self) -> OrganizationQuerySet:
        return self.filter(status=OrganizationStatus.ACTIVE)

    def intermediaries(self) -> OrganizationQuerySet:
        return self.filter(is_intermediary=True)

    def buyers(self) -> OrganizationQuerySet:
        return self.filter(is_buyer=True)


class Organization(models.Model):
    """Be a party: an owner 业主 (role buyer), a firm 中介机构 (role intermediary), or both.

    `uscc` is the 统一社会信用代码 (GB 32100-2015, upper case); a natural person has none. A suspension with
    `suspended_until` ends by itself then; one without lasts until an administrator ends it.
    """

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", _("企业")
        SOLE_TRADER = "sole_trader", _("个体工商户")
        PUBLIC_BODY = "public_body", _("机关事业单位")
        SOCIAL = "social", _("社会组织")
        COOPERATIVE = "cooperative", _("农村集体与合作社")
        PERSON = "person", _("自然人")
        OTHER = "other", _("其他组织")

    process = models.OneToOneField(Process, models.PROTECT, related_name="party")
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True, null=True, blank=True)
    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("性质"), max_length=16, choices=Kind.choices)
    is_buyer = models.BooleanField(_("项目业主"), default=False)
    is_intermediary = models.BooleanField(_("中介机构"), default=False)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("所在地"))
    address = models.CharField(_("地址"), max_length=200, blank=True)
    legal_representative = models.CharField(_("法定代表人"), max_length=60, blank=True)
    contact_name = models.CharField(_("联系人"), max_length=60)
    phone = models.CharField(_("联系电话"), max_length=20)
    email = models.EmailField(_("电子邮箱"), blank=True)
    introduction = models.TextField(_("简介"), blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=OrganizationStatus, default=OrganizationStatus.ACTIVE)
    suspended_until = models.DateTimeField(_("暂停到"), null=True, blank=True)
    entered_at = models.DateTimeField(_("入驻时间"))
    commitment_hash = models.CharField(_("承诺书哈希"), max_length=64, blank=True)
    committed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    alipay_account = models.CharField(_("收款支付宝账号"), max_length=100, blank=True)
    is_robot = models.BooleanField(_("演示机器人"), default=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("主体")
        verbose_name_plural = _("主体")
        ordering = ("-entered_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(is_buyer=True) | Q(is_intermediary=True), name="organization_has_role"),
            models.CheckConstraint(condition=Q(uscc__isnull=False) | Q(kind="person"), name="organization_has_uscc"),
            models.CheckConstraint(
                condition=Q(suspended_until__isnull=True) | Q(status="suspended"), name="organization_suspended_until"
            ),
        )
        indexes = (models.Index(fields=("status", "suspended_until"), name="organization_suspended"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("parties:firm", args=[self.pk])

    @property
    def public_name(self) -> str:
        """Give the name that the public reads: of a natural person only the first character."""
        return f"{self.name[:1]}**" if self.kind == self.Kind.PERSON else self.name


class Shareholding(models.Model):
    """Say who holds how much of an organization; 20 % and more tie two organizations together (avoidance)."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="shareholdings")
    holder = models.CharField(_("股东"), max_length=120)
    holder_code = models.CharField(_("股东代码"), max_length=18, blank=True)
    percent = models.DecimalField(_("持股比例（%）"), max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = _("股东")
        verbose_name_plural = _("股东")
        constraints = (
            models.UniqueConstraint(fields=("organization", "holder", "holder_code"), name="shareholding_once"),
            models.CheckConstraint(condition=Q(percent__gt=0, percent__lte=100), name="shareholding_percent"),
        )

    def __str__(self) -> str:
        return f"{self.holder} {self.percent}%"


class Membership(models.Model):
    """Let a person act for an organization."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", _("管理员")
        AGENT = "agent", _("经办人")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    role = models.CharField(_("角色"), max_length=16, choices=Role.choices, default=Role.ADMINISTRATOR)

    class Meta:
        verbose_name = _("成员")
        verbose_name_plural = _("成员")
        constraints = (models.UniqueConstraint(fields=("user", "organization"), name="membership_once"),)

    def __str__(self) -> str:
        return f"{self.user} @ {self.organization}"


class Practitioner(models.Model):
    """Be a person with a professional certificate, in one firm at a time."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="practitioners")
    name = models.CharField(_("姓名"), max_length=60)
    profession = models.CharField(_("执业资格"), max_length=80)
    certificate_number = models.CharField(_("证书编号"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("执业人员")
        verbose_name_plural = _("执业人员")

    def __str__(self) -> str:
        return f"{self.name} {self.profession}"


class Qualification(models.Model):
    """Be a certificate of a firm, with where its data came from."""

    class Origin(models.TextChoices):
        AUTHORITY = "authority", _("证照库")
        DECLARED = "declared", _("自行申报")
        CHECKED = "checked", _("部门核验")

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

    class Meta:
        verbose_name = _("资质")
        verbose_name_plural = _("资质")
        constraints = (models.UniqueConstraint(fields=("kind", "number"), name="qualification_number_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.grade}".strip()


class ServiceOffering(models.Model):
    """Be a service of the catalogue that a firm offers."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="offerings")
    service = models.ForeignKey(ServiceCategory, models.PROTECT, related_name="offerings")
    status = models.CharField(_("状态"), max_length=10, choices=OfferingStatus.choices)
    since = models.DateTimeField(_("自"))

    class Meta:
        verbose_name = _("服务承接")
        verbose_name_plural = _("服务承接")
        constraints = (models.UniqueConstraint(fields=("organization", "service"), name="offering_once"),)

    def __str__(self) -> str:
        return f"{self.organization} · {self.service}"
