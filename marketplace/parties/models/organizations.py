"""Organizations, who holds them, and what they have promised."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Region
from marketplace.core.models import Process

from ..states import OrganizationStatus


class Origin(models.TextChoices):
    """Say where a datum came from."""

    AUTHORITY = "authority", _("证照库")
    DECLARED = "declared", _("自行申报")
    CHECKED = "checked", _("部门核验")


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def active(self) -> OrganizationQuerySet:
        return self.filter(status=OrganizationStatus.ACTIVE)

    def intermediaries(self) -> OrganizationQuerySet:
        """Keep firms; one that an association has listed is none before its own people have signed the letter."""
        return self.filter(is_intermediary=True).exclude(commitment_hash="")

    def buyers(self) -> OrganizationQuerySet:
        return self.filter(is_buyer=True)


class Organization(models.Model):
    """Be a party: an owner 业主 (role buyer), a firm 中介机构 (role intermediary), or both.

    `uscc` is the 统一社会信用代码 (GB 32100-2015, upper case); a natural person has none. A suspension with
    `suspended_until` ends by itself then; one without lasts until an administrator ends it. `origins` maps a field to its
    Origin; a field that it lacks is self-declared. `licence_read_at` None means: not yet held against the library.
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
    origins = models.JSONField(_("各项信息的来源"), default=dict, blank=True)
    licence_identifier = models.CharField(_("营业执照的证照标识"), max_length=120, blank=True)
    licence_read_at = models.DateTimeField(_("从证照库读取"), null=True, blank=True)

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
        indexes = (
            models.Index(fields=("status", "suspended_until"), name="organization_suspended"),
            models.Index(fields=("status", "-entered_at", "-id"), name="organization_newest"),
            models.Index(fields=("status", "is_intermediary", "region"), name="organization_by_place"),
        )

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


class Commitment(models.Model):
    """Keep a commitment letter 承诺书 as it was signed by a click: the words, their SHA-256, who and when, and the PDF."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="commitments")
    role = models.CharField(_("身份"), max_length=12)  # "buyer" or "intermediary"
    version = models.CharField(_("版本"), max_length=20)
    text = models.TextField(_("承诺内容"))
    sha256 = models.CharField(_("哈希"), max_length=64)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signer_name = models.CharField(_("签署人"), max_length=80)
    signed_at = models.DateTimeField(_("签署时间"))
    file = models.FileField(_("承诺书文件"), upload_to="commitments/%Y/", blank=True)

    class Meta:
        verbose_name = _("承诺书")
        verbose_name_plural = _("承诺书")
        ordering = ("-signed_at", "-pk")

    def __str__(self) -> str:
        return f"{self.organization} {self.version}"
