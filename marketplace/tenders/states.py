"""States of a need."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class TenderStatus(models.TextChoices):
    DRAFT = "draft", _("草稿")
    OPEN = "open", _("报名中")
    SELECTING = "selecting", _("选取中")
    AWARDED = "awarded", _("已中选")
    CONTRACTED = "contracted", _("履约中")
    COMPLETED = "completed", _("已完成")
    FAILED = "failed", _("未成交")
    CANCELLED = "cancelled", _("已取消")
    VOID = "void", _("已置为无效")
    SCRAPPED = "scrapped", _("已废置")


TENDER = Table(
    "tender",
    TenderStatus,
    {
        TenderStatus.DRAFT: {TenderStatus.OPEN: "publish_tender", TenderStatus.CANCELLED: "cancel_tender"},
        TenderStatus.OPEN: {
            TenderStatus.SELECTING: "start_selection",
            TenderStatus.FAILED: "fail_tender",
            TenderStatus.CANCELLED: "cancel_tender",
            TenderStatus.VOID: "void_tender",
        },
        TenderStatus.SELECTING: {
            TenderStatus.AWARDED: "award_tender",
            TenderStatus.FAILED: "fail_tender",
            TenderStatus.CANCELLED: "cancel_tender",
            TenderStatus.VOID: "void_tender",
        },
        TenderStatus.AWARDED: {
            TenderStatus.CONTRACTED: "mark_contracted",
            TenderStatus.FAILED: "fail_tender",
        },
        TenderStatus.CONTRACTED: {TenderStatus.COMPLETED: "complete_tender", TenderStatus.FAILED: "fail_tender"},
        TenderStatus.FAILED: {TenderStatus.SCRAPPED: "scrap_tender"},
    },
)
