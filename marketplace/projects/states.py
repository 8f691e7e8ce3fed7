"""States of a case at the approval platform, as it tells them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class CaseStatus(models.TextChoices):
    WAITING = "waiting", _("待选取中介机构")
    SELECTING = "selecting", _("中介选取中")
    SERVING = "serving", _("中介服务中")
    RESULT = "result", _("已收到成果")
    DECIDED = "decided", _("已办结")


CASE = Table(
    "case",
    CaseStatus,
    {
        CaseStatus.WAITING: {CaseStatus.SELECTING: "note_selection"},
        CaseStatus.SELECTING: {CaseStatus.SERVING: "note_service", CaseStatus.WAITING: "note_failure"},
        CaseStatus.SERVING: {CaseStatus.RESULT: "note_result"},
        CaseStatus.RESULT: {CaseStatus.DECIDED: "note_decision", CaseStatus.SERVING: "note_return"},
    },
)
