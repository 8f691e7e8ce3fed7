"""States of a catalogue entry, and of a file that would change the catalogue."""

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


class ImportStatus(models.TextChoices):
    PREVIEWED = "previewed", _("待决定")
    APPLIED = "applied", _("已导入")
    DISCARDED = "discarded", _("已放弃")


IMPORT = Table(
    "catalog_import",
    ImportStatus,
    {
        ImportStatus.PREVIEWED: {
            ImportStatus.APPLIED: "apply_import",
            ImportStatus.DISCARDED: "discard_import",
        },
    },
)
