"""States of a saved search."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class SavedStatus(models.TextChoices):
    ACTIVE = "active", _("提醒中")
    PAUSED = "paused", _("已暂停")
    DELETED = "deleted", _("已删除")


SAVED_SEARCH = Table(
    "saved_search",
    SavedStatus,
    {
        SavedStatus.ACTIVE: {SavedStatus.PAUSED: "pause_search", SavedStatus.DELETED: "delete_search"},
        SavedStatus.PAUSED: {SavedStatus.ACTIVE: "resume_search", SavedStatus.DELETED: "delete_search"},
        SavedStatus.DELETED: {SavedStatus.ACTIVE: "restore_search", SavedStatus.PAUSED: "restore_search"},
    },
)
