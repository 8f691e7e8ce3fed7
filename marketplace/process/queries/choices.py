"""What a choice of a firm asks of people: owners pick, compare and ask scorers; firms offer and take on; scorers score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.awards.models import Award, Scorer, Selection
from marketplace.awards.states import AwardStatus, SelectionStatus
from marketplace.bidding.models import Bidder
from marketplace.parties.models import Organization
from marketplace.tenders.models import NAMED, AuctionMode, Method, Tender
from marketplace.tenders.states import TenderStatus

UNDECIDED = {SelectionStatus.COMMITTED, SelectionStatus.JUDGING}
NEAR = timedelta(days=2)
BEFORE_RESULT = {TenderStatus.OPEN, TenderStatus.SELECTING}


@dataclass(frozen=True)
class DeskItem:
    """Be one thing on the desk: what, about what, where to go, the button's word; by when, or else since when."""

    title: str
    quiet: str
    url: str
    label: str
    moment: datetime | None = None
    since: datetime | None = None
    is_urgent: bool = False


def owner_items(tenders: list[Tender], now: datetime) -> Iterator[DeskItem]:
    """Yield what choices wait for from the owner; `tenders` come with `selection` and `scorers`."""
    for tender in tenders:
        selection = selection_of(tender)
        if selection is None or tender.status not in BEFORE_RESULT or selection.status not in UNDECIDED:
            continue
        ends_at, is_near = selection.judging_ends_at, _is_near(selection, now)
        if is_judged(selection) and tender.method == Method.CREDIT:
            url = reverse("awards:pick", args=[tender.number])
            yield DeskItem(_("从短名单中选定机构"), tender.title, url, _("去选定"), ends_at, is_urgent=is_near)
        if is_judged(selection) and tender.method == Method.MERIT:
            url = reverse("awards:judge", args=[tender.number])
            yield DeskItem(_("比选已开启的方案"), tender.title, url, _("去比选"), ends_at, is_urgent=is_near)
        if tender.method == Method.SCORED:
            missing = int(tender.rules["minimum_scorers"]) - len(tender.scorers.all())
            if missing > 0:
                words = ngettext("邀请评审人员，还差 %(count)d 名", "邀请评审人员，还差 %(count)d 名", missing)
                url = reverse("awards:scorers", args=[tender.number])
                moment = ends_at or tender.selection_at
                yield DeskItem(words % {"count": missing}, tender.title, url, _("去邀请"), moment, is_urgent=is_near)


def offer_items(bidders: Sequence[Bidder], now: datetime) -> Iterator[DeskItem]:
    """Yield the sealed offers that a firm signed up for and has not handed in; `bidders` come with `has_offer`."""
    for bidder in bidders:
        tender = bidder.tender
        is_due = tender.is_sealed and tender.status in BEFORE_RESULT and now < tender.selection_at
        if is_due and not bidder.has_offer:  # type: ignore[attr-defined]
            url = reverse("bidding:offer", args=[tender.number])
            yield DeskItem(_("提交密封报价"), tender.title, url, _("去报价"), tender.selection_at)


def award_items(organization: Organization) -> Iterator[DeskItem]:
    """Yield the awards that a firm has not said yes to, where the rules ask for its word."""
    standing = [AwardStatus.STANDSTILL, AwardStatus.OBJECTED, AwardStatus.ACCEPTING]
    rows = Award.objects.filter(organization=organization, status__in=standing, accepted_at__isnull=True)
    for award in rows.select_related("tender").order_by("proposed_at"):
        if int(award.tender.rules.get("acceptance_working_days", 0)):
            is_last = award.status == AwardStatus.ACCEPTING
            yield DeskItem(
                _("您被选中，请确认承接"),
                award.tender.title,
                award.get_absolute_url(),
                _("去确认"),
                moment=award.accept_ends_at,
                since=award.proposed_at,
                is_urgent=is_last,
            )


def scorer_items(user: Any, now: datetime) -> Iterator[DeskItem]:
    """Yield the scoring that waits for a person, whatever organization they act for."""
    rows = Scorer.objects.filter(user=user, locked_at__isnull=True, tender__selection__status__in=UNDECIDED)
    for scorer in rows.filter(tender__status__in=BEFORE_RESULT).select_related("tender__selection").order_by("pk"):
        tender, selection = scorer.tender, scorer.tender.selection
        url = reverse("awards:score", args=[tender.number])
        if is_judged(selection):
            is_near, ends_at = _is_near(selection, now), selection.judging_ends_at
            yield DeskItem(_("请为方案评分"), tender.title, url, _("去评分"), ends_at, is_urgent=is_near)
        elif scorer.declared_at is None:
            title = _("受邀评审，请先声明没有利害关系")
            yield DeskItem(title, tender.title, url, _("去声明"), since=scorer.appointed_at)


def deadlines_of(tenders: list[Tender], now: datetime) -> Iterator[DeskItem]:
    """Yield the coming moments of needs that are not decided; `tenders` come with `selection`."""
    for tender in tenders:
        if tender.status not in BEFORE_RESULT or tender.method in NAMED:
            continue
        selection = selection_of(tender)
        for moment, title in (
            (tender.signup_ends_at, _("报名截止")),
            (tender.selection_at, _hour_of(tender)),
            (None if tender.auction_mode == AuctionMode.TURNS else tender.auction_ends_at, _("竞价结束")),
            (selection.judging_ends_at if is_judged(selection) else None, _("评审截止")),
        ):
            if moment is not None and moment > now:
                yield DeskItem(title, tender.title, tender.get_absolute_url(), _("查看"), moment)


def is_judged(selection: Selection | None) -> TypeGuard[Selection]:
    """Tell whether people judge now."""
    return selection is not None and selection.status == SelectionStatus.JUDGING


def selection_of(tender: Tender) -> Selection | None:
    """Return the choice of a need, or None before it was committed to."""
    return getattr(tender, "selection", None)


def _is_near(selection: Selection, now: datetime) -> bool:
    """Tell whether the judging ends within two days."""
    ends_at = selection.judging_ends_at
    return is_judged(selection) and ends_at is not None and ends_at - now < NEAR


def _hour_of(tender: Tender) -> str:
    if tender.method == Method.LIVE_AUCTION:
        return _("竞价开始")
    return _("报价开启") if tender.is_sealed else _("抽签")
