"""The desk: what waits for a person's organization, what runs, what ended, and the deadlines ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.bidding.models import Bidder, SealedOffer
from marketplace.bidding.states import BidderStatus, OfferStatus
from marketplace.contracts.models import Contract, Milestone, Signature
from marketplace.contracts.states import ContractStatus, MilestoneStatus
from marketplace.core.workdays import end_of
from marketplace.parties.models import Organization
from marketplace.reviews.models import Review
from marketplace.tenders.models import AuctionDirection, AuctionMode, Tender
from marketplace.tenders.states import TenderStatus

from .choices import DeskItem, award_items, deadlines_of, offer_items, owner_items, scorer_items
from .entries import entry_items

ENDED = {TenderStatus.FAILED, TenderStatus.CANCELLED, TenderStatus.VOID, TenderStatus.SCRAPPED}
HELD = [OfferStatus.SEALED, OfferStatus.OPENED, OfferStatus.INVALID]


@dataclass
class Desk:
    """Hold the desk's three piles and the calendar of deadlines."""

    waiting: list[DeskItem] = field(default_factory=list)
    running: list[Tender] = field(default_factory=list)
    ended: list[Tender] = field(default_factory=list)
    deadlines: list[DeskItem] = field(default_factory=list)


def desk_of(organization: Organization, now: datetime, *, user: Any = None, limit: int = 30) -> Desk:
    """Return the desk of an organization, with what waits for `user` as a scorer; a fixed number of queries."""
    desk = Desk()
    if user is not None:
        desk.waiting += scorer_items(user, now)
        desk.waiting += entry_items(user, now)
    contracts = _contracts(organization)
    if organization.is_buyer:
        rows = Tender.objects.for_cards().select_related("selection").prefetch_related("scorers")
        tenders = list(rows.filter(buyer=organization).order_by("-created_at")[:200])
        desk.waiting += _drafts(tenders)
        desk.waiting += owner_items(tenders, now)
        _sort(desk, tenders)
        desk.deadlines += deadlines_of(tenders, now)
    if organization.is_intermediary:
        held = SealedOffer.objects.filter(bidder=OuterRef("pk"), status__in=HELD)
        signed = list(
            Bidder.objects.filter(organization=organization, status=BidderStatus.ACTIVE)
            .select_related("tender__buyer", "tender__service", "tender__region", "tender__auction__leader")
            .select_related("tender__selection")
            .annotate(has_offer=Exists(held))
            .order_by("-signed_up_at")[:200]
        )
        desk.waiting += _auctions(signed, now)
        desk.waiting += offer_items(signed, now)
        desk.waiting += award_items(organization)
        _sort(desk, [bidder.tender for bidder in signed])
        desk.deadlines += deadlines_of([bidder.tender for bidder in signed], now)
    for contract in contracts:
        desk.waiting += _contract_items(contract, organization)
    desk.waiting.sort(key=lambda item: (not item.is_urgent, item.moment is None, item.moment or item.since or now))
    desk.deadlines.sort(key=lambda item: item.moment or now)
    desk.ended, desk.deadlines = desk.ended[:limit], desk.deadlines[:limit]
    return desk


def _contracts(organization: Organization) -> list[Contract]:
    mine = Signature.objects.filter(contract=OuterRef("pk"), organization=organization, body_hash=OuterRef("body_hash"))
    return list(
        Contract.objects.filter(Q(buyer=organization) | Q(supplier=organization))
        .select_related("tender")
        .annotate(is_signed=Exists(mine), is_reviewed=Exists(Review.objects.filter(contract=OuterRef("pk"))))
        .annotate(is_unanswered=Exists(Review.objects.filter(contract=OuterRef("pk"), reply="")))
        .prefetch_related(Prefetch("milestones", Milestone.objects.order_by("number")))
        .order_by("-created_at")[:200]
    )


def _drafts(tenders: list[Tender]) -> Iterator[DeskItem]:
    for tender in tenders:
        if tender.status == TenderStatus.DRAFT:
            yield DeskItem(
                _("继续填写并发布需求"),
                tender.title or tender.number,
                reverse("tenders:edit", args=[tender.number]),
                _("继续"),
                since=tender.created_at,
            )


def _sort(desk: Desk, tenders: list[Tender]) -> None:
    final = {TenderStatus.COMPLETED, *ENDED}
    for tender in tenders:
        if tender.status in final:
            desk.ended.append(tender)
        elif tender.status != TenderStatus.DRAFT:
            desk.running.append(tender)


def _auctions(bidders: Sequence[Bidder], now: datetime) -> Iterator[DeskItem]:
    for bidder in bidders:
        auction = getattr(bidder.tender, "auction", None)
        if auction is None or auction.status != "open" or auction.ends_at <= now:
            continue
        if auction.leader_id == bidder.pk and auction.mode != AuctionMode.TURNS:
            continue
        title = _("竞价进行中，您目前不是最低价")
        if auction.mode != AuctionMode.OPEN:  # who leads by rank is the firms' own, and in turns each has its own time
            title = _("竞价进行中，请到竞价室报价")
        elif auction.best_fen is None:
            title = _("竞价进行中，您还没有报价")
        elif auction.direction == AuctionDirection.UP:
            title = _("竞价进行中，您目前不是最高价")
        url = auction.get_absolute_url()
        yield DeskItem(title, bidder.tender.title, url, _("进入竞价"), auction.ends_at, is_urgent=True)


def _contract_items(contract: Contract, organization: Organization) -> Iterator[DeskItem]:
    url, is_buyer = contract.get_absolute_url(), contract.buyer_id == organization.pk
    title = contract.title
    if contract.status == ContractStatus.DRAFT and is_buyer:
        yield DeskItem(_("核对合同并定稿"), title, url, _("去核对"), since=contract.created_at)
    if contract.status == ContractStatus.SIGNING and not contract.is_signed:  # type: ignore[attr-defined]
        yield DeskItem(_("签订合同"), title, url, _("去签订"), since=contract.created_at, is_urgent=True)
    if contract.status == ContractStatus.ACTIVE and contract.is_sale:
        words = (_("收到价款后请确认"), _("去确认")) if is_buyer else (_("向业主支付价款"), _("看合同"))
        yield DeskItem(words[0], title, url, words[1], since=contract.signed_at)
    elif contract.status == ContractStatus.ACTIVE:
        yield from _milestone_items(contract, url, is_buyer=is_buyer)
    if contract.status == ContractStatus.COMPLETED:
        review_url = reverse("reviews:review", args=[contract.number])
        if is_buyer and not contract.is_reviewed:  # type: ignore[attr-defined]
            yield DeskItem(_("评价这次服务"), title, review_url, _("去评价"), since=contract.completed_at)
        if not is_buyer and contract.is_unanswered:  # type: ignore[attr-defined]
            yield DeskItem(_("业主已评价，您可以回复"), title, review_url, _("查看"), since=contract.completed_at)


def _milestone_items(contract: Contract, url: str, *, is_buyer: bool) -> Iterator[DeskItem]:
    words = {
        (MilestoneStatus.PLANNED, True): (_("支付合同款（由平台托管）"), _("去付款")),
        (MilestoneStatus.FUNDED, False): (_("提交成果"), _("去提交")),
        (MilestoneStatus.DELIVERED, True): (_("验收成果"), _("去验收")),
    }
    for milestone in contract.milestones.all():
        if milestone.status == MilestoneStatus.SETTLED:
            continue
        is_delivery = milestone.status == MilestoneStatus.FUNDED
        if found := words.get((MilestoneStatus(milestone.status), is_buyer)):
            quiet = f"{contract.title} · {milestone.title}"
            yield DeskItem(
                found[0],
                quiet,
                url,
                found[1],
                moment=end_of(milestone.due_date) if is_delivery else None,
                since=contract.signed_at,
            )
        return  # the milestones come one after the other
