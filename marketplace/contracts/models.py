"""Contracts, signatures, milestones and deliverables."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.awards.models import Award
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender

from .states import ContractStatus, DeliverableStatus, MilestoneStatus


class Contract(models.Model):
    """Be the agreement that follows an award. `body` is what both sign, `body_hash` its SHA-256.

    Of a sale (`is_sale`) the buyer is the owner all the same, as everywhere on the platform, and the supplier the firm that pays.
    """

    award = models.OneToOneField(Award, models.PROTECT, related_name="contract")
    tender = models.OneToOneField(Tender, models.PROTECT, related_name="contract")
    number = models.CharField(_("合同编号"), max_length=32, unique=True)
    title = models.CharField(_("合同名称"), max_length=160)
    buyer = models.ForeignKey(Organization, models.PROTECT, related_name="contracts_as_buyer")
    supplier = models.ForeignKey(Organization, models.PROTECT, related_name="contracts_as_supplier")
    amount_fen = models.BigIntegerField(_("合同金额（分）"))
    body = models.TextField(_("合同正文"), blank=True)
    body_hash = models.CharField(_("正文哈希"), max_length=64, blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=ContractStatus, default=ContractStatus.DRAFT)
    created_at = models.DateTimeField()
    signed_at = models.DateTimeField(_("签订时间"), null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("合同")
        verbose_name_plural = _("合同")
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="contract_positive"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "signing"]) | Q(signed_at__isnull=False), name="contract_signed"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("contracts:contract", args=[self.number])

    @property
    def is_sale(self) -> bool:
        """Tell whether the owner sells a right: the firm pays it straight, and there are no milestones."""
        return self.tender.is_upward


class Signature(models.Model):
    """Be one side's signature under exactly one text."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="signatures")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("签署时间"))
    body_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("签署")
        verbose_name_plural = _("签署")
        constraints = (
            models.UniqueConstraint(fields=("contract", "organization", "body_hash"), name="signature_once"),
        )

    def __str__(self) -> str:
        return f"{self.organization} {self.at:%Y-%m-%d}"


class Milestone(models.Model):
    """Be one step of a contract with its money: paid in and held, delivered, accepted, settled."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="milestones")
    number = models.PositiveSmallIntegerField(_("节点"))
    title = models.CharField(_("名称"), max_length=120)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    due_date = models.DateField(_("交付期限"))
    status = models.CharField(_("状态"), max_length=10, choices=MilestoneStatus, default=MilestoneStatus.PLANNED)
    payment_intent_id = models.CharField(max_length=64, blank=True)
    transfer_id = models.CharField(max_length=64, blank=True)
    funded_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("合同节点")
        verbose_name_plural = _("合同节点")
        ordering = ("contract", "number")
        constraints = (
            models.UniqueConstraint(fields=("contract", "number"), name="milestone_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="milestone_positive"),
        )

    def __str__(self) -> str:
        return f"{self.contract.number}-{self.number} {self.title}"


class Deliverable(models.Model):
    """Be a result 成果 that the firm handed in, known by its SHA-256."""

    milestone = models.ForeignKey(Milestone, models.CASCADE, related_name="deliverables")
    name = models.CharField(_("文件名"), max_length=200)
    file = models.FileField(upload_to="deliverables/%Y/")
    sha256 = models.CharField(_("文件哈希"), max_length=64)
    size = models.PositiveBigIntegerField()
    note = models.CharField(_("说明"), max_length=300, blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=DeliverableStatus, default=DeliverableStatus.SUBMITTED)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("上传时间"))
    reason = models.CharField(_("退回原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("成果")
        verbose_name_plural = _("成果")
        ordering = ("-uploaded_at",)

    def __str__(self) -> str:
        return self.name
