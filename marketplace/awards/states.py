"""States of a selection, of the award that it leads to, and of an objection to that."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class SelectionStatus(models.TextChoices):
    COMMITTED = "committed", _("等待选取")
    JUDGING = "judging", _("评审中")
    DECIDED = "decided", _("已产生结果")
    FAILED = "failed", _("未产生结果")


SELECTION = Table(
    "selection",
    SelectionStatus,
    {
        SelectionStatus.COMMITTED: {
            SelectionStatus.JUDGING: "run_selection",
            SelectionStatus.DECIDED: "run_selection",
            SelectionStatus.FAILED: "fail_selection",
        },
        SelectionStatus.JUDGING: {
            SelectionStatus.DECIDED: "finish_selection",
            SelectionStatus.FAILED: "fail_selection",
        },
    },
)


class AwardStatus(models.TextChoices):
    STANDSTILL = "standstill", _("公示中")
    OBJECTED = "objected", _("异议处理中")
    ACCEPTING = "accepting", _("待机构确认")
    CONFIRMED = "confirmed", _("已确认")
    DECLINED = "declined", _("机构放弃")
    LAPSED = "lapsed", _("逾期未确认")
    REVOKED = "revoked", _("已撤销")


# Awards whose firm is out: the next in rank may follow.
ENDED_AWARDS = (AwardStatus.DECLINED, AwardStatus.LAPSED, AwardStatus.REVOKED)
AWARD = Table(
    "award",
    AwardStatus,
    {
        AwardStatus.STANDSTILL: {
            AwardStatus.CONFIRMED: "confirm_award",
            AwardStatus.ACCEPTING: "confirm_award",
            AwardStatus.OBJECTED: "object_to_award",
            AwardStatus.DECLINED: "decline_award",
            AwardStatus.REVOKED: "revoke_award",
        },
        AwardStatus.OBJECTED: {
            AwardStatus.STANDSTILL: "decide_objection",
            AwardStatus.REVOKED: "decide_objection",
        },
        AwardStatus.ACCEPTING: {
            AwardStatus.CONFIRMED: "accept_award",
            AwardStatus.DECLINED: "decline_award",
            AwardStatus.LAPSED: "lapse_award",
            AwardStatus.REVOKED: "revoke_award",
        },
    },
)


class ObjectionStatus(models.TextChoices):
    OPEN = "open", _("处理中")
    UPHELD = "upheld", _("成立")
    DISMISSED = "dismissed", _("不成立")


OBJECTION = Table(
    "objection",
    ObjectionStatus,
    {ObjectionStatus.OPEN: {ObjectionStatus.UPHELD: "decide_objection", ObjectionStatus.DISMISSED: "decide_objection"}},
)
