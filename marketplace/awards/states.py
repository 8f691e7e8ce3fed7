"""States of an award and of an objection to it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class AwardStatus(models.TextChoices):
    STANDSTILL = "standstill", _("公示中")
    OBJECTED = "objected", _("异议处理中")
    CONFIRMED = "confirmed", _("已确认")
    REVOKED = "revoked", _("已撤销")


AWARD = Table(
    "award",
    AwardStatus,
    {
        AwardStatus.STANDSTILL: {
            AwardStatus.CONFIRMED: "confirm_award",
            AwardStatus.OBJECTED: "object_to_award",
        },
        AwardStatus.OBJECTED: {
            AwardStatus.STANDSTILL: "decide_objection",
            AwardStatus.REVOKED: "decide_objection",
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
