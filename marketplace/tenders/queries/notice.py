"""Reads of one need: its terms and rules in words, its timeline, the one thing to do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.core.event_words import describe
from marketplace.core.events import visible_to
from marketplace.core.moments import until as until_words
from marketplace.core.money import format_yuan
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender
from marketplace.tenders.states import TenderStatus

TIMELINE_LENGTH = 40


def find_tender(number: str) -> Tender | None:
    """Return a need with all that its page shows, or None."""
    return (
        Tender.objects.select_related("buyer", "service", "region", "project", "case__matter", "process", "rule_set")
        .filter(number=number)
        .first()
    )


def terms_of(tender: Tender) -> list[tuple[str, str]]:
    """Return the terms as (label, value) for the summary list."""
    rows = [
        (_("项目业主"), tender.buyer.name),
        (_("中介服务"), tender.service.label),
        (_("服务地点"), tender.region.label),
        (_("资金性质"), tender.get_money_kind_display()),
        (_("选取方式"), tender.get_method_display()),
        (_("最高限价"), _("%(amount)s 元") % {"amount": format_yuan(tender.ceiling_fen)}),
        (_("最小降价幅度"), _("%(amount)s 元") % {"amount": format_yuan(tender.step_fen)}),
        (
            _("服务时限"),
            ngettext("%(days)d 天（自合同生效）", "%(days)d 天（自合同生效）", tender.delivery_days)
            % {"days": tender.delivery_days},
        ),
        (_("报名截止"), until_words(tender.signup_ends_at)),
        (
            _("竞价时间"),
            _("%(opens)s 至 %(ends)s")
            % {"opens": _moment(tender.selection_at), "ends": _moment(tender.auction_ends_at)},
        ),
        (_("机构要求"), _requirement(tender)),
    ]
    if tender.project:
        rows.append((_("投资项目"), f"{tender.project.name}（{tender.project.code}）"))
    if tender.case:
        rows.append((_("审批件"), f"{tender.case.matter.label}（{tender.case.number}）"))
    return [
        *rows,
        (_("联系人"), f"{tender.contact_name} {tender.contact_phone}"),
        (_("投诉电话"), tender.complaint_phone),
    ]


def rules_in_words(rules: dict[str, Any]) -> list[str]:
    """Return the frozen rules as sentences."""
    days = rules["standstill_working_days"]
    if seconds := rules.get("working_day_seconds"):
        standstill = _("中选结果公示 %(seconds)d 秒（演示环境缩短），期间可以提出异议。") % {"seconds": seconds * days}
    else:
        standstill = _("中选结果公示 %(days)d 个工作日，期间可以提出异议。") % {"days": days}
    milestones = "；".join(f"{step['title']} {step['percent']}%" for step in rules["milestones"])
    return [
        _("报名机构不足 %(count)d 家时不进行竞价，本次采购终止。") % {"count": rules["minimum_bidders"]},
        _("第一次报价不高于最高限价；以后每次报价至少比当前最低价低一个最小降价幅度。"),
        _("结束前 %(seconds)d 秒内有新的最低价，竞价延长到该报价之后 %(seconds)d 秒，最多延长 %(times)d 次。")
        % {"seconds": rules["window_seconds"], "times": rules["max_extensions"]},
        _("无论如何，竞价最晚在计划结束时间之后 %(minutes)d 分钟结束。") % {"minutes": rules["hard_end_seconds"] // 60},
        _("竞价中机构以代号出现，业主也看不到名称；报价提交后不能撤回。"),
        _("竞价结束时最低报价的机构为拟中选机构。"),
        standstill,
        _("合同款按节点支付：%(milestones)s。") % {"milestones": milestones},
    ]


def timeline_of(tender: Tender, limit: int = TIMELINE_LENGTH) -> list[dict[str, Any]]:
    """Return the public events of the need's process, newest first, as the timeline component takes them."""
    events = tender.process.events.filter(visible_to(None)).order_by("-number")[:limit]
    return [
        {
            "title": describe(event),
            "at": event.at,
            "who": tender.buyer.name if event.organization_id == tender.buyer_id else "",
            "number": event.number,
            "hash": event.hash,
        }
        for event in events
    ]


@dataclass(frozen=True)
class NextStep:
    """The one thing to do now on a need's page: words, an address to go to, or (`post`) a button that acts."""

    title: str
    text: str = ""
    until: datetime | None = None
    until_label: str = ""
    url: str = ""
    label: str = ""
    post: bool = False
    withdraw_url: str = ""


def next_step(tender: Tender, *, now: datetime, viewer: Organization | None, signed_in: bool) -> NextStep:
    """Return what somebody who acts for `viewer` (or nobody) may do on a need at the moment `now`."""
    if tender.status == TenderStatus.OPEN:
        if now < tender.signup_ends_at:
            return _while_open(tender, viewer=viewer, signed_in=signed_in)
        return NextStep(
            title=_("报名已截止"),
            text=_("竞价按时开始，所有人都可以观看。"),
            until=tender.selection_at,
            until_label=_("竞价开始"),
            url=_room(tender),
            label=_("进入竞价室"),
        )
    if tender.status == TenderStatus.SELECTING:
        return _while_selecting(tender, now)
    if tender.status in {TenderStatus.FAILED, TenderStatus.CANCELLED}:
        title = _("未成交") if tender.status == TenderStatus.FAILED else _("已取消")
        return NextStep(title=title, text=tender.failure_reason, url=reverse("tenders:tenders"), label=_("看其他公告"))
    return _after_award(tender, viewer)


def _while_open(tender: Tender, *, viewer: Organization | None, signed_in: bool) -> NextStep:
    until, until_label = tender.signup_ends_at, _("报名截止")
    count = tender.bidders.filter(status="active").count()
    signed = ngettext("已有 %(count)d 家机构报名。", "已有 %(count)d 家机构报名。", count) % {"count": count}
    if viewer is not None and viewer.pk == tender.buyer_id:
        return NextStep(title=_("报名进行中"), text=signed, until=until, until_label=until_label)
    if viewer is not None and viewer.is_intermediary:
        if tender.bidders.filter(organization=viewer, status="active").exists():
            return NextStep(
                title=_("您已报名"),
                text=_("竞价开始前请进入竞价室。报名截止前可以撤回。"),
                until=tender.selection_at,
                until_label=_("竞价开始"),
                url=_room(tender),
                label=_("进入竞价室"),
                withdraw_url=reverse("bidding:withdraw", args=[tender.number]),
            )
        return NextStep(
            title=_("报名参加竞价"),
            text=signed,
            url=reverse("bidding:sign_up", args=[tender.number]),
            label=_("以“%(name)s”报名") % {"name": viewer.name},
            post=True,
            until=until,
            until_label=until_label,
        )
    if signed_in:
        return NextStep(
            title=_("正在报名"),
            text=signed + _("中介机构办理入驻后即可报名，几分钟就能完成。"),
            url=reverse("parties:enter"),
            label=_("办理入驻"),
            until=until,
            until_label=until_label,
        )
    return NextStep(
        title=_("正在报名"),
        text=signed,
        url=f"{reverse('accounts:sign_in')}?next={tender.get_absolute_url()}",
        label=_("登录后报名"),
        until=until,
        until_label=until_label,
    )


def _while_selecting(tender: Tender, now: datetime) -> NextStep:
    try:
        auction = tender.auction
    except ObjectDoesNotExist:
        return NextStep(title=_("选取中"), text=_("结果产生后在这里公布。"))
    if now < auction.opens_at:
        return NextStep(
            title=_("等待竞价开始"),
            until=auction.opens_at,
            until_label=_("竞价开始"),
            url=_room(tender),
            label=_("进入竞价室"),
        )
    if auction.status == "closed":
        return NextStep(title=_("竞价已结束"), text=_("正在确定中选结果。"), url=_room(tender), label=_("看竞价过程"))
    return NextStep(
        title=_("正在竞价"),
        text=_("价格实时变化，所有人都可以观看。"),
        until=auction.ends_at,
        until_label=_("预计结束"),
        url=_room(tender),
        label=_("进入竞价"),
    )


def _after_award(tender: Tender, viewer: Organization | None) -> NextStep:
    award = tender.awards.filter(~Q(status="revoked")).select_related("organization").first()
    if award is None:
        return NextStep(title=tender.get_status_display())
    words = _("%(firm)s，%(amount)s 元") % {"firm": award.organization.name, "amount": format_yuan(award.amount_fen)}
    if viewer is not None and viewer.pk in {tender.buyer_id, award.organization_id}:
        try:
            contract = tender.contract
        except ObjectDoesNotExist:
            contract = None
        if contract is not None:
            return NextStep(
                title=_("合同：%(status)s") % {"status": contract.get_status_display()},
                text=words,
                url=contract.get_absolute_url(),
                label=_("查看合同"),
            )
    url = reverse("awards:award", args=[award.pk])
    if award.status == "standstill":
        return NextStep(
            title=_("中选结果公示中"),
            text=words,
            until=award.standstill_ends_at,
            until_label=_("公示截止"),
            url=url,
            label=_("看结果"),
        )
    return NextStep(title=award.get_status_display(), text=words, url=url, label=_("看结果"))


def _room(tender: Tender) -> str:
    return reverse("bidding:room", args=[tender.number])


def _moment(moment: datetime) -> str:
    return date_format(localtime(moment), "Y-m-d H:i")


def _requirement(tender: Tender) -> str:
    service = tender.service
    english = service.label == service.name_en and service.requirement_text_en
    return str(service.requirement_text_en if english else service.requirement_text)
