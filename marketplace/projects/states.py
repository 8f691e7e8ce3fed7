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


# The platform decides, and several needs may serve one case: the failure of an old one can arrive after the award of a new
# one. Whatever it tells of a case is noted, until it has decided the case.
CASE = Table(
    "case",
    CaseStatus,
    {
        source: {target: "note_case_status" for target in CaseStatus if target != source}
        for source in CaseStatus
        if source != CaseStatus.DECIDED
    },
)
