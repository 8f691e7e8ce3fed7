"""Reads for an owner who writes a need."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.catalog.models import ServiceCategory
from marketplace.core.workdays import SHANGHAI, add_working_days
from marketplace.parties.models import Organization
from marketplace.tenders.models import Question, Tender
from marketplace.tenders.rule_data import DEFAULTS
from marketplace.tenders.states import TenderStatus

Group = ServiceCategory.Group
WORDING = {
    Group.PLANNING: gettext_lazy(
        "一、服务内容：收集项目资料，现场踏勘，编制报告。\n"
        "二、成果要求：符合现行编制规范，满足审批受理要求，纸质 4 份、电子 1 份。\n"
        "三、配合工作：参加评审会，按意见修改直至通过。"
    ),
    Group.ENVIRONMENT: gettext_lazy(
        "一、服务内容：现状调查与监测，影响分析，编制报告书（表）。\n"
        "二、成果要求：符合技术导则，数据真实可追溯，纸质 4 份、电子 1 份。\n"
        "三、配合工作：公众参与、专家评审、报批修改直至取得批复。"
    ),
    Group.LAND: gettext_lazy(
        "一、服务内容：外业测量，内业处理，编制成果报告和图件。\n"
        "二、成果要求：2000 国家大地坐标系，通过质量检查，提供原始数据。\n"
        "三、配合工作：成果入库、现场核对。"
    ),
    Group.CONSTRUCTION: gettext_lazy(
        "一、服务内容：按现行规范和强制性标准完成审查或检测。\n"
        "二、成果要求：出具盖章报告，问题逐条列明依据。\n"
        "三、配合工作：设计修改后复审，次数不限。"
    ),
    Group.FINANCE: gettext_lazy(
        "一、服务内容：核对工程量与资料，编制或审核造价文件。\n"
        "二、成果要求：计算底稿完整，差异逐项说明，报告由注册造价工程师签章。\n"
        "三、配合工作：参加核对会，答复审计意见。"
    ),
    Group.SAFETY: gettext_lazy(
        "一、服务内容：现场调查，危险有害因素辨识，编制评价报告。\n"
        "二、成果要求：符合评价导则，对策措施可执行。\n"
        "三、配合工作：专家评审，按意见修改直至通过。"
    ),
    Group.OTHER: gettext_lazy(
        "一、服务内容：写明要做的工作和范围。\n"
        "二、成果要求：写明报告名称、份数、依据的规范。\n"
        "三、配合工作：写明评审、修改、交底等要求。"
    ),
}


def wording(group: str) -> str:
    """Return a text to start from for the description of a need of this class of services."""
    return str(WORDING.get(Group(group), WORDING[Group.OTHER]))


def default_times(now: datetime) -> dict[str, datetime]:
    """Return sane times for a new need: minutes ahead in the demonstration, else three working days and a morning."""
    start = now.replace(second=0, microsecond=0)
    if settings.DEMO:
        return {
            "signup_ends_at": start + timedelta(minutes=10),
            "selection_at": start + timedelta(minutes=12),
            "auction_ends_at": start + timedelta(minutes=22),
        }
    signup_ends = add_working_days(now, 3) - timedelta(hours=7)  # 17:00 of the third working day
    day = (add_working_days(signup_ends, 1) - timedelta(minutes=1)).astimezone(SHANGHAI).date()
    opens = datetime.combine(day, time(9, 30), tzinfo=SHANGHAI)
    return {
        "signup_ends_at": signup_ends,
        "selection_at": opens,
        "auction_ends_at": opens + timedelta(hours=1),
    }


def advice(tender: Tender, now: datetime) -> list[str]:
    """Return sentences on what is allowed but unwise in a draft, for its owner."""
    rules = DEFAULTS[tender.method] | (tender.rules or {})
    sentences = []
    percent = rules["step_warning_percent"]
    if tender.step_fen * 100 > tender.ceiling_fen * percent:
        sentences.append(
            _("最小降价幅度超过最高限价的 %(percent)d%%，报价次数会很少，价格可能降不下来。") % {"percent": percent}
        )
    days = rules["signup_working_days"]
    if not settings.DEMO and tender.signup_ends_at < add_working_days(now, days) - timedelta(days=1):
        sentences.append(_("报名时间不足 %(days)d 个工作日，可能有机构来不及报名。") % {"days": days})
    if tender.auction_ends_at - tender.selection_at < timedelta(minutes=5):
        sentences.append(_("竞价时间不足 5 分钟，机构可能来不及报价。"))
    if tender.signup_ends_at <= now:
        sentences.append(_("报名截止时间已经过去，发布前请修改。"))
    return sentences


def own_tenders(organization: Organization) -> QuerySet[Tender]:
    """Return an owner's needs, drafts among them, newest first; drafts that were thrown away are left out."""
    thrown_away = {"status": TenderStatus.CANCELLED, "published_at": None}
    return Tender.objects.filter(buyer=organization).exclude(**thrown_away).for_cards().order_by("-created_at", "-pk")


def drafts_of(organization: Organization) -> QuerySet[Tender]:
    """Return an owner's drafts, newest first."""
    return own_tenders(organization).filter(status=TenderStatus.DRAFT)


def open_questions_of(organization: Organization) -> QuerySet[Question]:
    """Return the questions that wait for an owner's answer, the oldest first."""
    return (
        Question.objects.filter(tender__buyer=organization, tender__status=TenderStatus.OPEN, answered_at=None)
        .select_related("tender")
        .order_by("asked_at")
    )
