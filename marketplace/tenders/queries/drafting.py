"""Reads for an owner who writes a need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, IntegerField, QuerySet, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.catalog.models import ServiceCategory
from marketplace.catalog.states import ServiceStatus
from marketplace.parties.models import Organization
from marketplace.tenders.models import (
    NAMED,
    AuctionMode,
    Method,
    MoneyKind,
    Question,
    Tender,
    TenderTemplate,
    TermsInput,
)
from marketplace.tenders.states import TenderStatus

from .pairs import pair_count
from .schedule import earliest_end, is_late_record, sign_up_days

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


def advice(tender: Tender, rules: Mapping[str, Any], now: datetime) -> list[str]:
    """Return sentences on what is allowed but unwise in a draft, for its owner, under the rules that would hold now."""
    sentences = []
    if tender.method == Method.LIVE_AUCTION:
        sentences += _on_auction(tender, rules)
    if tender.method not in NAMED:
        sentences += _on_sign_up(tender, rules, now)
    if tender.method == Method.DIRECT:
        sentences += _on_pair(tender, rules, now)
    if is_late_record(tender, rules, now):
        days = {"days": rules["record_working_days"]}
        sentences.append(_("应急服务已开始超过 %(days)d 个工作日，公告会注明逾期补录。") % days)
    if tender.method == Method.QUOTES and (count := tender.invitations.count()) < rules["minimum_invited"]:
        given = {"least": rules["minimum_invited"], "count": count}
        sentences.append(_("询比选取至少邀请 %(least)d 家机构，现在是 %(count)d 家，请先邀请。") % given)
    return sentences


def _on_auction(tender: Tender, rules: Mapping[str, Any]) -> list[str]:
    sentences, percent = [], rules["step_warning_percent"]
    if (tender.step_fen or 0) * 100 > tender.ceiling_fen * percent:
        words = (
            _("最小加价幅度超过起始价的 %(percent)d%%，报价次数会很少，价格可能抬不上去。")
            if tender.is_upward
            else _("最小降价幅度超过最高限价的 %(percent)d%%，报价次数会很少，价格可能降不下来。")
        )
        sentences.append(words % {"percent": percent})
    is_timed = tender.auction_mode != AuctionMode.TURNS
    if is_timed and tender.auction_ends_at and tender.auction_ends_at - tender.selection_at < timedelta(minutes=5):
        sentences.append(_("竞价时间不足 5 分钟，机构可能来不及报价。"))
    return sentences


def _on_sign_up(tender: Tender, rules: Mapping[str, Any], now: datetime) -> list[str]:
    if tender.signup_ends_at <= now:
        return [_("报名截止时间已经过去，发布前请修改。")]
    days = sign_up_days(tender, rules)
    if settings.DEMO or tender.signup_ends_at >= earliest_end(now, days, rules):
        return []
    if tender.money_kind == MoneyKind.SOCIAL:
        return [_("报名时间不足 %(days)d 个工作日，可能有机构来不及报名。") % {"days": days}]
    return [_("报名时间不足 %(days)d 个工作日，财政和国有资金的采购不能这样发布，请推迟报名截止。") % {"days": days}]


def _on_pair(tender: Tender, rules: Mapping[str, Any], now: datetime) -> list[str]:
    count = pair_count(tender, rules, now)
    if count < int(rules["pair_warn"]):
        return []
    given = {"months": rules["pair_months"], "count": count, "most": rules["pair_block"]}
    return [
        _("这是 %(months)d 个月内对同一机构的第 %(count)d 次直接选取，第 %(most)d 次起不能发布；公开方式更能说明公平。")
        % given
    ]


def templates_for(service: ServiceCategory | None = None) -> QuerySet[TenderTemplate]:
    """Return the templates to start a need from, of one service or of all."""
    rows = TenderTemplate.objects.select_related("service").exclude(service__status=ServiceStatus.CANCELLED)
    return rows.filter(service=service) if service is not None else rows


def earlier_tenders(organization: Organization, limit: int = 8) -> list[Tender]:
    """Return an owner's newest published needs, to copy one."""
    return list(own_tenders(organization).filter(published_at__isnull=False)[:limit])


def find_firms(words: str, limit: int = 12) -> list[Organization]:
    """Return the active firms with that code, or whose name has all the words; exact names first."""
    words = words.strip()
    if not words:
        return []
    rows = Organization.objects.active().intermediaries()
    named = rows
    for word in words.split()[:6]:
        named = named.filter(name__icontains=word)
    exact = Case(When(name=words, then=0), default=1, output_field=IntegerField())
    found = (named | rows.filter(uscc__iexact=words)).annotate(nearness=exact)
    return list(found.order_by("nearness", "name", "pk")[:limit])


def kept_input(organization: Organization, user: Any, tender: Tender | None) -> TermsInput | None:
    """Return what somebody had typed into the form of a need and not saved, or None."""
    return TermsInput.objects.filter(organization=organization, user=user, tender=tender).first()


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
