"""What costs points of credit: the behaviors by code, with their points, words and consequence (domain facts 1.9).

Where the table of 1.9 gives points, they stand here as they are; where it gives only a consequence (lent qualifications, false
data, collusion) the points are ours. Behavior of owners goes on their public record without points: owners have no score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

GIVE_UP = "give_up"
SUSPEND_AT = 2  # give-ups within `scoring.COUNTED_MONTHS` that suspend
SUSPEND_MONTHS = 3


@dataclass(frozen=True, slots=True)
class PenaltyCode:
    """One behavior: whole points from `least` to `most`, how people call it, what follows, and to whom it applies."""

    least: int
    most: int
    label: Any
    follows: Any
    is_of_owner: bool = False


PENALTY_CODES: dict[str, PenaltyCode] = {
    "late_contract": PenaltyCode(2, 2, _("逾期签订合同"), _("扣分并公开。")),
    "late_upload": PenaltyCode(2, 2, _("逾期提交成果"), _("扣分并公开。")),
    GIVE_UP: PenaltyCode(5, 5, _("中选后放弃"), _("扣分并公开；12 个月内第二次放弃的，暂停承接业务 3 个月。")),
    "defective_result": PenaltyCode(3, 10, _("成果有缺陷或者被审批部门退回"), _("视后果扣分并公开。")),
    "lent_qualification": PenaltyCode(
        10, 10, _("转包，或者出借、挂靠资质"), _("扣分并公开；由平台管理机构暂停承接业务 6 至 12 个月。")
    ),
    "false_data": PenaltyCode(
        20, 20, _("提供虚假资质或者虚假材料"), _("扣分并公开；由平台管理机构清退，并通报主管部门。")
    ),
    "collusion": PenaltyCode(20, 20, _("串通报价或者行贿"), _("扣分并公开；由平台管理机构清退，并移送有关机关。")),
    "overcharging": PenaltyCode(10, 10, _("在合同之外收费"), _("扣分并公开；多收的费用应当退还。")),
    "owner_refused": PenaltyCode(0, 0, _("业主无故不签合同"), _("记入业主的公开记录。"), is_of_owner=True),
    "owner_paid_late": PenaltyCode(0, 0, _("业主逾期付款"), _("记入业主的公开记录。"), is_of_owner=True),
    "owner_demanded": PenaltyCode(
        0, 0, _("业主索要回扣或者指定机构"), _("记入业主的公开记录，并通报主管部门。"), is_of_owner=True
    ),
    "owner_split": PenaltyCode(0, 0, _("业主拆分采购、规避规则"), _("记入业主的公开记录。"), is_of_owner=True),
}
