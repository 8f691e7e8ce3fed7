"""Ways in: drafts of entries, claims of a code that somebody else has entered, lists of an association."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..states import EntryBatchRowStatus, EntryBatchStatus, EntryClaimStatus
from .organizations import Organization

FIRM_STEPS = ("organization", "services", "certificates", "check")


class EntryDraft(models.Model):
    """Keep what a person has typed of an entry, so that it goes on at any time on any device; one per person and role."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="entry_drafts")
    role = models.CharField(_("身份"), max_length=12)  # "buyer" or "intermediary"
    values = models.JSONField(_("已填内容"), default=dict)
    step = models.CharField(_("步骤"), max_length=40, blank=True)
    updated_at = models.DateTimeField(_("更新时间"))

    class Meta:
        verbose_name = _("入驻草稿")
        verbose_name_plural = _("入驻草稿")
        constraints = (models.UniqueConstraint(fields=("user", "role"), name="entry_draft_once"),)

    def __str__(self) -> str:
        return f"{self.user} {self.role}"

    @property
    def page(self) -> str:
        """Name the page at which it goes on; an owner has two, a firm five."""
        if self.role == "buyer":
            return "parties:check_buyer" if self.step == "check" else "parties:enter_buyer"
        return f"parties:enter_{self.step}" if self.step in FIRM_STEPS else "parties:enter"


class EntryClaim(models.Model):
    """Be somebody's claim to act for an organization that another person has entered.

    The organization's own administrators may grant it; once they say no, or `due_at` has passed, it is escalated and the
    marketplace's administrators decide. Who acted for the organization before goes on to do so.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="claims")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="entry_claims")
    statement = models.TextField(_("说明"))
    file = models.FileField(_("授权材料"), upload_to="claims/%Y/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    filed_at = models.DateTimeField(_("提出时间"))
    answer = models.TextField(_("原管理员的答复"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    due_at = models.DateTimeField(_("原管理员答复截止"))
    escalated_at = models.DateTimeField(_("交平台决定"), null=True, blank=True)
    status = models.CharField(
        _("状态"), max_length=10, choices=EntryClaimStatus.choices, default=EntryClaimStatus.FILED
    )
    reason = models.TextField(_("处理意见"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("认领申请")
        verbose_name_plural = _("认领申请")
        ordering = ("filed_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "user"), condition=Q(status="filed"), name="entry_claim_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} → {self.organization}"


class EntryBatch(models.Model):
    """Be a list of firms that an association enters together."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="entry_batches")
    association = models.CharField(_("协会或园区名称"), max_length=120)
    file_name = models.CharField(_("文件名"), max_length=120)
    sha256 = models.CharField(max_length=64)
    status = models.CharField(
        _("状态"), max_length=10, choices=EntryBatchStatus.choices, default=EntryBatchStatus.PREVIEWED
    )
    created_at = models.DateTimeField(_("上传时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("批量入驻")
        verbose_name_plural = _("批量入驻")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.association} {self.created_at:%Y-%m-%d}"


class EntryBatchRow(models.Model):
    """Be one line of an association's list and what became of it; `values` are its cells by column, as they were read.

    `problems` lists [column, sentence] pairs. A row is written in the transaction of its entry.
    """

    batch = models.ForeignKey(EntryBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("行号"))  # as the spreadsheet counts: the heading is 1
    values = models.JSONField(_("内容"), default=dict)
    problems = models.JSONField(_("问题"), default=list)
    status = models.CharField(
        _("状态"), max_length=10, choices=EntryBatchRowStatus.choices, default=EntryBatchRowStatus.READY
    )
    organization = models.ForeignKey(Organization, models.SET_NULL, null=True, blank=True, related_name="batch_rows")
    done_at = models.DateTimeField(_("办理时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("批量入驻的一行")
        verbose_name_plural = _("批量入驻逐行")
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("batch", "number"), name="entry_batch_row_once"),)

    def __str__(self) -> str:
        return f"{self.batch} #{self.number}"
