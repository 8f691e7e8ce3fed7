"""The one thing to do now on a need's page, for whoever looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.core.money import format_yuan
from marketplace.parties.models import Organization
from marketplace.tenders.models import NAMED, SEALED, AuctionMode, Method, Tender
from marketplace.tenders.states import TenderStatus

from .terms import selection_label

ENDED_AWARDS = ("revoked", "declined", "lapsed")


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
    if tender.status == TenderStatus.OPEN and now < tender.signup_ends_at:
        return _while_open(tender, viewer=viewer, signed_in=signed_in)
    if tender.status in {TenderStatus.OPEN, TenderStatus.SELECTING}:
        if tender.disclosed_at is not None:
            return _after_award(tender, viewer)
        if tender.method in NAMED:
            return NextStep(title=_("正在办理"), text=_("平台核对所选机构后公布结果。"))
        if tender.method == Method.LIVE_AUCTION:
            return _auction(tender, viewer, now)
        return _before_selection(tender, viewer) if now < tender.selection_at else _selecting(tender, viewer)
    if tender.status in {TenderStatus.FAILED, TenderStatus.CANCELLED, TenderStatus.VOID, TenderStatus.SCRAPPED}:
        return _ended(tender, viewer)
    return _after_award(tender, viewer)


def _while_open(tender: Tender, *, viewer: Organization | None, signed_in: bool) -> NextStep:
    until, until_label = tender.signup_ends_at, _("报名截止")
    count = tender.bidders.filter(status="active").count()
    signed = ngettext("已有 %(count)d 家机构报名。", "已有 %(count)d 家机构报名。", count) % {"count": count}
    if viewer is not None and viewer.pk == tender.buyer_id:
        return NextStep(title=_("报名进行中"), text=signed, until=until, until_label=until_label)
    if viewer is not None and viewer.is_intermediary:
        return _firm_while_open(tender, viewer, signed)
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


def _firm_while_open(tender: Tender, viewer: Organization, signed: str) -> NextStep:
    if tender.bidders.filter(organization=viewer, status="active").exists():
        return _signed_up(tender, viewer, withdraw_url=reverse("bidding:withdraw", args=[tender.number]))
    if avoidance := tender.avoidances.filter(organization=viewer).first():
        return NextStep(title=_("贵机构需要回避"), text=_("理由：%(reason)s") % {"reason": avoidance.reason})
    titles = {Method.LIVE_AUCTION: _("报名参加竞价"), Method.DRAW: _("报名参加抽取")}
    return NextStep(
        title=titles.get(Method(tender.method), _("报名参加")),
        text=signed,
        url=reverse("bidding:sign_up", args=[tender.number]),
        label=_("以“%(name)s”报名") % {"name": viewer.name},
        post=True,
        until=tender.signup_ends_at,
        until_label=_("报名截止"),
    )


def _signed_up(tender: Tender, viewer: Organization | None, *, withdraw_url: str = "") -> NextStep:
    """Return the step of a firm that signed up, before the selection."""
    until, until_label = tender.selection_at, selection_label(tender.method)
    shared = {"until": until, "until_label": until_label, "withdraw_url": withdraw_url}
    if tender.method == Method.LIVE_AUCTION and not tender.is_sealed:
        text = _("竞价开始前请进入竞价室。报名截止前可以撤回。")
        return NextStep(title=_("您已报名"), text=text, url=_room(tender), label=_("进入竞价室"), **shared)  # type: ignore[arg-type]
    if not tender.is_sealed:
        text = _("名单截止后固定，到时公开抽取，任何人都可以核对。")
        url = reverse("awards:selection", args=[tender.number])
        return NextStep(title=_("您已报名"), text=text, url=url, label=_("看抽取安排") if url else "", **shared)  # type: ignore[arg-type]
    offered = tender.bidders.filter(organization=viewer, sealed_offers__status="sealed").exists()
    text = _("报价已密封，开启前可以替换或撤回。") if offered else _("您已报名，还没有提交报价；报价在开启前一直加密。")
    if tender.method == Method.LIVE_AUCTION:
        text = (
            _("首轮报价已密封，竞价开始前可以替换或撤回；开始时一起开启，然后在竞价室接着报价。")
            if offered
            else _("竞价开始前请提交首轮密封报价，没有提交的不能接着报价；报价在开启前一直加密。")
        )
    title, label = (_("报价已提交"), _("查看或替换报价")) if offered else (_("提交报价"), _("提交报价"))
    url = reverse("bidding:offer", args=[tender.number])
    return NextStep(title=title, text=text, url=url, label=label if url else "", **shared)  # type: ignore[arg-type]


def _before_selection(tender: Tender, viewer: Organization | None) -> NextStep:
    if viewer is not None and tender.bidders.filter(organization=viewer, status="active").exists():
        return _signed_up(tender, viewer)
    url = reverse("awards:selection", args=[tender.number])
    return NextStep(
        title=_("报名已截止"),
        text=_("到时开启全部报价。") if tender.method in SEALED else _("到时公开抽取，任何人都可以核对。"),
        until=tender.selection_at,
        until_label=selection_label(tender.method),
        url=url,
        label=_("看选取安排") if url else "",
    )


def _selecting(tender: Tender, viewer: Organization | None) -> NextStep:
    selection = getattr(tender, "selection", None)
    url, is_owner = (
        reverse("awards:selection", args=[tender.number]),
        viewer is not None and viewer.pk == tender.buyer_id,
    )
    if selection is None or selection.status != "judging":
        return NextStep(
            title=_("正在选取"), text=_("结果产生后在这里公布。"), url=url, label=_("看选取过程") if url else ""
        )
    tasks = {
        Method.MERIT: ("awards:judge", _("请为方案评分"), _("开始评分")),
        Method.CREDIT: ("awards:pick", _("请从小名单中择优"), _("选择机构")),
        Method.SCORED: ("awards:scorers", _("评审人员正在评分"), _("看评审进度")),
    }
    until = {"until": selection.judging_ends_at, "until_label": _("评审截止")}
    if is_owner and tender.method in tasks:
        name, title, label = tasks[Method(tender.method)]
        task = reverse(name, args=[tender.number])
        return NextStep(title=title, text=_("请在截止前完成。"), url=task, label=label if task else "", **until)
    return NextStep(
        title=_("评审中"), text=_("评审结束后公布结果。"), url=url, label=_("看选取过程") if url else "", **until
    )


def _auction(tender: Tender, viewer: Organization | None, now: datetime) -> NextStep:
    is_first_stage = tender.is_sealed and now < tender.selection_at and viewer is not None
    if is_first_stage and tender.bidders.filter(organization=viewer, status="active").exists():
        return _signed_up(tender, viewer)
    if tender.status == TenderStatus.OPEN:
        return NextStep(
            title=_("报名已截止"),
            text=_("竞价按时开始，所有人都可以观看。"),
            until=tender.selection_at,
            until_label=_("竞价开始"),
            url=_room(tender),
            label=_("进入竞价室"),
        )
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
    if auction.status == "paused":
        return NextStep(
            title=_("竞价已暂停"),
            text=_("恢复后接着报价，暂停多久，结束时间就顺延多久。"),
            url=_room(tender),
            label=_("进入竞价室"),
        )
    words = (
        _("各家只见自己的名次，报价到结束时公开；所有人都可以观看。")
        if tender.auction_mode == AuctionMode.RANK
        else _("价格实时变化，所有人都可以观看。")
    )
    return NextStep(
        title=_("正在竞价"),
        text=words,
        until=auction.ends_at,
        until_label=_("预计结束"),
        url=_room(tender),
        label=_("进入竞价"),
    )


def _ended(tender: Tender, viewer: Organization | None) -> NextStep:
    title, text = str(tender.get_status_display()), tender.failure_reason
    follower = tender.successors.filter(published_at__isnull=False).order_by("-pk").first()
    if follower is not None:
        return NextStep(title=title, text=text, url=follower.get_absolute_url(), label=_("看再次采购的公告"))
    if viewer is not None and viewer.pk == tender.buyer_id and tender.status != TenderStatus.SCRAPPED:
        draft = tender.successors.filter(status=TenderStatus.DRAFT).first()
        if draft is not None:
            return NextStep(
                title=title, text=text, url=reverse("tenders:edit", args=[draft.number]), label=_("继续办理再次采购")
            )
        url = reverse("tenders:repost", args=[tender.number])
        return NextStep(title=title, text=text, url=url, label=_("再次采购"), post=True)
    return NextStep(title=title, text=text, url=reverse("tenders:tenders"), label=_("看其他公告"))


def _after_award(tender: Tender, viewer: Organization | None) -> NextStep:
    award = tender.awards.exclude(status__in=ENDED_AWARDS).select_related("organization").first()
    if award is None:
        return NextStep(title=str(tender.get_status_display()))
    words = _("%(firm)s，%(amount)s 元") % {"firm": award.organization.name, "amount": format_yuan(award.amount_fen)}
    contract = getattr(tender, "contract", None)
    if contract is not None and viewer is not None and viewer.pk in {tender.buyer_id, award.organization_id}:
        return NextStep(
            title=_("合同：%(status)s") % {"status": contract.get_status_display()},
            text=words,
            url=contract.get_absolute_url(),
            label=_("查看合同"),
        )
    url, is_chosen = award.get_absolute_url(), viewer is not None and viewer.pk == award.organization_id
    if award.status == "standstill":
        return NextStep(
            title=_("中选结果公示中"),
            text=words,
            until=award.standstill_ends_at,
            until_label=_("公示截止"),
            url=url,
            label=_("看结果"),
        )
    if award.status == "accepting":
        return NextStep(
            title=_("请确认是否承接") if is_chosen else _("等待机构确认"),
            text=words,
            until=award.accept_ends_at,
            until_label=_("确认截止"),
            url=url,
            label=_("去确认") if is_chosen else _("看结果"),
        )
    return NextStep(title=str(award.get_status_display()), text=words, url=url, label=_("看结果"))


def _room(tender: Tender) -> str:
    return reverse("bidding:room", args=[tender.number])
