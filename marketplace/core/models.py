"""Processes, their events, the deliveries of events, and the calendar of working days."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .states import Table


class Process(models.Model):
    """Tie everything that happens from a need to its review (OCDS: contracting process), or all that concerns a party.

    `head_number` and `head_hash` are those of the newest event; the row is also the lock under which events are numbered.
    """

    class Kind(models.TextChoices):
        CONTRACTING = "contracting", _("采购过程")
        PARTY = "party", _("主体过程")
        OPERATION = "operation", _("平台运行")

    ocid = models.CharField(_("过程编号"), max_length=64, unique=True)
    kind = models.CharField(_("种类"), max_length=16, choices=Kind.choices)
    title = models.CharField(_("标题"), max_length=300)
    head_number = models.PositiveBigIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("过程")
        verbose_name_plural = _("过程")

    def __str__(self) -> str:
        return f"{self.ocid} {self.title}"


class Event(models.Model):
    """Keep one thing that happened: audit trail, timeline, feed, outbox and search trigger at once. Never changed."""

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("公开")
        PARTIES = "parties", _("当事方可见")
        PRIVATE = "private", _("管理机构可见")

    process = models.ForeignKey(Process, models.PROTECT, related_name="events")
    number = models.PositiveBigIntegerField(_("序号"))
    name = models.CharField(_("事件"), max_length=64, db_index=True)
    at = models.DateTimeField(_("时间"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    organization_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("事件")
        verbose_name_plural = _("事件")
        ordering = ("process", "number")
        constraints = (models.UniqueConstraint(fields=("process", "number"), name="event_number_once"),)
        indexes = (
            models.Index(fields=("subject_type", "subject_id"), name="event_subject"),
            models.Index(fields=("-at",), name="event_newest"),
        )

    def __str__(self) -> str:
        return f"{self.process_id}#{self.number} {self.name}"


class DeliveryStatus(models.TextChoices):
    PENDING = "pending", _("待送达")
    DONE = "done", _("已送达")
    DEAD = "dead", _("多次失败")


DELIVERY = Table(
    "delivery",
    DeliveryStatus,
    {
        DeliveryStatus.PENDING: {DeliveryStatus.DONE: "deliver", DeliveryStatus.DEAD: "give_up"},
        DeliveryStatus.DEAD: {DeliveryStatus.PENDING: "retry", DeliveryStatus.DONE: "deliver"},
    },
)


class Delivery(models.Model):
    """Owe one handler one event until it has taken it."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=120)
    status = models.CharField(max_length=8, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("事件送达")
        verbose_name_plural = _("事件送达")
        constraints = (models.UniqueConstraint(fields=("event", "handler"), name="delivery_once"),)
        indexes = (models.Index(fields=("next_at",), condition=models.Q(status="pending"), name="delivery_due"),)

    def __str__(self) -> str:
        return f"{self.event_id} → {self.handler}"


class WorkDay(models.Model):
    """Say of one date whether public bodies work; seeded from chinesecalendar, editable by administrators."""

    date = models.DateField(_("日期"), unique=True)
    is_working = models.BooleanField(_("是否工作日"))
    note = models.CharField(_("说明"), max_length=80, blank=True)
    source = models.CharField(_("来源"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("工作日")
        verbose_name_plural = _("工作日历")
        ordering = ("date",)

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {'工作日' if self.is_working else '休息日'}"
