"""ApiKey: who may drive /v1, and how far; ApiRequest: what a POST under an Idempotency-Key came to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from . import ids


class ApiKey(models.Model):
    """Let another system ask over /v1. Of the key itself only a digest and the last four characters are kept.

    `scopes` (restricted keys alone) maps a resource to ``read`` or ``write``; write includes read.
    """

    class Kind(models.TextChoices):
        SECRET = "secret", _("密钥")
        RESTRICTED = "restricted", _("受限密钥")
        PUBLISHABLE = "publishable", _("可公开密钥")

    name = models.CharField(_("名称"), max_length=80)
    kind = models.CharField(_("类别"), max_length=12, choices=Kind.choices)
    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256: keys are random, 143 bits
    prefix = models.CharField(max_length=16, editable=False)
    last_four = models.CharField(max_length=4, editable=False)
    scopes = models.JSONField(_("权限"), default=dict, blank=True)
    created_at = models.DateTimeField(_("建立时间"))
    last_used_at = models.DateTimeField(_("最近使用"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("接口密钥")
        verbose_name_plural = _("接口密钥")
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["secret", "restricted", "publishable"]), name="api_key_kind_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.prefix}…{self.last_four}"

    def may(self, resource: str, *, writes: bool) -> bool:
        """Tell whether the key reaches a resource. A publishable one reaches none by itself."""
        if self.kind == self.Kind.SECRET:
            return True
        held = self.scopes.get(resource) if self.kind == self.Kind.RESTRICTED else None
        return held == "write" or (held == "read" and not writes)


def request_token() -> str:
    return ids.new_id("idem")


class ApiRequest(models.Model):
    """Remember a POST by its Idempotency-Key: begun before anything is done, ended with the answer that went out.

    `object_id` is what it made, written in the same transaction. A row left `started` past `claimed_until` belongs to
    a process that died: the next request under the key goes on where it stopped.
    """

    class State(models.TextChoices):
        STARTED = "started", _("进行中")
        DONE = "done", _("已完成")

    id = models.CharField(primary_key=True, max_length=40, default=request_token, editable=False)
    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="requests")
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    request_id = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.STARTED)
    object_id = models.CharField(max_length=40, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    sealed_body = models.TextField(blank=True)
    claimed_until = models.DateTimeField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("接口请求")
        verbose_name_plural = _("接口请求")
        ordering = ("-created_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("key", "idempotency_key"), name="api_request_once"),
            models.CheckConstraint(condition=Q(state__in=["started", "done"]), name="api_request_state_known"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(status__isnull=False), name="api_request_done_has_status"
            ),
        )

    def __str__(self) -> str:
        return self.id
