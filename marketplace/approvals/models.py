"""Messages to the approval platform: what is owed, what was taken, what came back."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.models import Event
from marketplace.tenders.models import Tender

from .states import PushStatus


class Push(models.Model):
    """Be one message that the platform is owed because of one event; kept until the platform has taken it.

    `key` makes it count once there, however often it is sent. It is a row of its own, not a handler's delivery, so that a
    slow neighbour is waited for outside every transaction: see docs/decisions/.
    """

    class Kind(models.TextChoices):
        STATE = "state", _("办理状态")
        SERVICE = "service", _("中选机构")
        RESULT = "result", _("服务成果")

    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    tender = models.ForeignKey(Tender, models.PROTECT, related_name="pushes")
    kind = models.CharField(_("种类"), max_length=8, choices=Kind.choices)
    word = models.CharField(_("内容"), max_length=80)
    key = models.CharField(max_length=80, unique=True)
    payload = models.JSONField(_("消息"))
    status = models.CharField(_("状态"), max_length=8, choices=PushStatus.choices, default=PushStatus.WAITING)
    created_at = models.DateTimeField(_("产生时间"))
    next_at = models.DateTimeField(_("下次发送"))
    attempts = models.PositiveIntegerField(_("发送次数"), default=0)
    sent_at = models.DateTimeField(_("送达时间"), null=True, blank=True)
    receipt = models.CharField(_("回执"), max_length=60, blank=True)
    error = models.CharField(_("原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("审批平台消息")
        verbose_name_plural = _("审批平台消息")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("event", "kind"), name="push_once"),
            models.CheckConstraint(
                condition=~models.Q(status="sent") | models.Q(sent_at__isnull=False), name="push_sent_when"
            ),
        )
        indexes = (models.Index(fields=("next_at",), condition=models.Q(status="waiting"), name="push_due"),)

    def __str__(self) -> str:
        return f"{self.tender.number} {self.word}"
