"""States of a catalogue entry."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class ServiceStatus(models.TextChoices):
    KEPT = "kept", _("保留")
    ADJUSTED = "adjusted", _("调整")
    CANCELLED = "cancelled", _("取消")


SERVICE = Table(
    "service",
    ServiceStatus,
    {
        ServiceStatus.KEPT: {ServiceStatus.ADJUSTED: "adjust_service", ServiceStatus.CANCELLED: "cancel_service"},
        ServiceStatus.ADJUSTED: {ServiceStatus.KEPT: "keep_service", ServiceStatus.CANCELLED: "cancel_service"},
        ServiceStatus.CANCELLED: {ServiceStatus.KEPT: "keep_service"},
    },
)
