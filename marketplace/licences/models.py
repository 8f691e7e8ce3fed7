"""Readings of the licence library: who asked what, for which organization and why, and what came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from .states import Outcome


def holder_key(code: str) -> str:
    """Return the key under which readings about a holder are found: HMAC-SHA256 of its code with SECRET_KEY, 64 hex digits."""
    return salted_hmac("marketplace.licences.holder", code, algorithm="sha256").hexdigest()


class LicenceReading(models.Model):
    """Be one question to the licence library, kept for good.

    The organization stands as text, because organizations are a later chapter. `holder_code` is a USCC, or of a
    natural person's number only the ends (``360602********101X``); `holder_key` finds both (models.holder_key).
    """

    class Action(models.TextChoices):
        LIST = "list", _("按持证主体查询")
        FETCH = "fetch", _("调取证照文件")
        VERIFY = "verify", _("核验证照状态")
        CHANGES = "changes", _("接收变更")

    action = models.CharField(_("操作"), max_length=8, choices=Action.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("查询人")
    )
    organization_code = models.CharField(_("所代表主体的代码"), max_length=40, blank=True)
    organization_name = models.CharField(_("所代表的主体"), max_length=120, blank=True)
    holder_code = models.CharField(_("持证主体代码"), max_length=40, blank=True)
    holder_key = models.CharField(max_length=64, blank=True, db_index=True)
    identifier = models.CharField(_("证照标识"), max_length=120, blank=True)
    reason = models.CharField(_("申请事由"), max_length=200)
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome.choices, default=Outcome.ASKED)
    refusal = models.CharField(_("原因代码"), max_length=40, blank=True)
    count = models.PositiveIntegerField(_("返回的证照数"), default=0)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("证照查询记录")
        verbose_name_plural = _("证照查询记录")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("organization_code", "-at"), name="licence_reading_for"),
            models.Index(fields=("identifier",), name="licence_reading_of"),
        )

    def __str__(self) -> str:
        return f"{self.reference} {self.get_action_display()} {self.holder_code or self.identifier}"

    @property
    def reference(self) -> str:
        """Give the number that goes to the library with the question, so that its log and ours can be laid side by side."""
        return f"ZZ{self.pk:09d}"
