"""What belongs to a need: files, questions, firms kept out or invited; and texts to start from."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import ServiceCategory
from marketplace.parties.models import Organization

from .choices import Method
from .tender import Tender


class TenderDocument(models.Model):
    """Be a file that belongs to a need."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="documents")
    name = models.CharField(_("文件名"), max_length=200)
    file = models.FileField(upload_to="tenders/%Y/")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    uploaded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("需求附件")
        verbose_name_plural = _("需求附件")

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """Be a question on a need, answered for all to read."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="questions")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("问题"))
    asked_at = models.DateTimeField()
    answer = models.TextField(_("答复"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("提问")
        verbose_name_plural = _("提问")
        ordering = ("-asked_at",)

    def __str__(self) -> str:
        return self.text[:40]


class Avoidance(models.Model):
    """Keep a firm out of a need 回避, with the owner's public reason."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="avoidances")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("回避机构"))
    reason = models.CharField(_("回避理由"), max_length=200)

    class Meta:
        verbose_name = _("回避")
        verbose_name_plural = _("回避")
        constraints = (models.UniqueConstraint(fields=("tender", "organization"), name="avoidance_once"),)

    def __str__(self) -> str:
        return f"{self.organization}"


class Invitation(models.Model):
    """Be a firm that the owner asks for a quote 询比; others may quote as well."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="invitations")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("邀请机构"))

    class Meta:
        verbose_name = _("邀请")
        verbose_name_plural = _("邀请")
        constraints = (models.UniqueConstraint(fields=("tender", "organization"), name="invitation_once"),)

    def __str__(self) -> str:
        return f"{self.organization}"


class TenderTemplate(models.Model):
    """Be a text to start a need for a service from, kept by administrators."""

    service = models.ForeignKey(ServiceCategory, models.CASCADE, related_name="templates", verbose_name=_("中介服务"))
    name = models.CharField(_("名称"), max_length=60)
    description = models.TextField(_("服务内容与要求"))
    requirement = models.TextField(_("对机构的其他要求"), blank=True)
    delivery_days = models.PositiveIntegerField(_("服务时限（天）"), default=30)
    method = models.CharField(_("选取方式"), max_length=20, choices=Method.choices, default=Method.LIVE_AUCTION)
    criteria = models.JSONField(_("评审标准"), default=list, blank=True)

    class Meta:
        verbose_name = _("需求模板")
        verbose_name_plural = _("需求模板")
        ordering = ("service__code", "name")
        constraints = (models.UniqueConstraint(fields=("service", "name"), name="template_name_once"),)

    def __str__(self) -> str:
        return f"{self.service} {self.name}"


class TermsInput(models.Model):
    """Keep what an owner has typed into the form of a need and not saved yet, as it was typed.

    One row per person, organization and draft; `tender` is empty while the need has no draft. Saving the draft deletes it.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    tender = models.ForeignKey(Tender, models.CASCADE, null=True, blank=True, related_name="inputs")
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField(_("保存时间"))

    class Meta:
        verbose_name = _("未保存的填写内容")
        verbose_name_plural = _("未保存的填写内容")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "user"), condition=Q(tender=None), name="terms_input_new_once"
            ),
            models.UniqueConstraint(fields=("organization", "user", "tender"), name="terms_input_once"),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.saved_at:%Y-%m-%d %H:%M}"
