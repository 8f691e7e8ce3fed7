"""Choices of firms by every method, led there by the actions; `phase` says how far."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marketplace.accounts.models import User
from marketplace.awards.actions import (
    appoint_scorer,
    declare_no_interest,
    judge_offers,
    lock_marks,
    pick_firm,
    run_selection,
)
from marketplace.awards.models import Award, Scorer, Selection
from marketplace.awards.queries import criteria_by, judged_bidders
from marketplace.bidding.actions import end_sign_up, set_nonce
from marketplace.core import clock
from marketplace.tenders.models import SEALED, WITH_PLAN, Method, Tender

from .accounts import make_user
from .awards import make_closed_auction
from .bidding import agent_of, make_bidder, make_offer, make_plan
from .tenders import make_tender

PHASES = ("open", "frozen", "judging", "decided")
REASON = "同类项目做得最多，人员配置最好。"


def make_choice(
    method: str,
    *,
    phase: str = "decided",
    firms: int = 3,
    now: datetime | None = None,
    nonces: bool = True,
    **terms: Any,
) -> Selection:
    """Lead a need by `method` to `phase`: open (sign-up), frozen, judging (opened or drawn, people judge), decided.

    Its hour was just before `now`, but for "open" and "frozen", where it is ahead. Sealed offers are 9,000,000 fen and 200,000
    less for each further firm; the first firm adds a nonce of its own.
    """
    now = now or clock.now()
    begin = now - timedelta(minutes={"open": 5, "frozen": 31}.get(phase, 41))
    if method == Method.LIVE_AUCTION:
        auction = make_closed_auction(firms=firms, now=now, **terms)
        return Selection.objects.select_related("tender__process").get(tender=auction.tender)
    tender = make_tender(method=method, now=begin, **terms)
    if method in {Method.DIRECT, Method.EMERGENCY}:
        return _of(tender)
    for place in range(firms):
        bidder = make_bidder(tender=tender, now=begin + timedelta(minutes=1))
        if place == 0 and nonces:
            set_nonce(
                bidder=bidder, nonce="信江 “一”", by=agent_of(bidder.organization), now=begin + timedelta(minutes=2)
            )
        if method in SEALED:
            plan = {"plan": make_plan()} if method in WITH_PLAN else {}
            amount = 9_000_000 - place * 200_000
            make_offer(bidder=bidder, amount_fen=amount, now=begin + timedelta(minutes=2), **plan)
    if phase == "open":
        return _of(tender)
    end_sign_up(tender=tender, now=tender.signup_ends_at)
    if phase == "frozen":
        return _of(tender)
    run_selection(tender=tender, now=tender.selection_at)
    if phase == "decided":
        judge(tender, now=tender.selection_at + timedelta(seconds=3))
    return _of(tender)


def judge(tender: Tender, *, now: datetime) -> None:
    """Let people judge by even marks, which leave the first to the price; the owner picks the second of a short list."""
    owner = agent_of(tender.buyer)
    if tender.method == Method.CREDIT:
        label = Selection.objects.get(tender=tender).result["short_list"][-1]
        pick_firm(tender=tender, label=label, reason=REASON, by=owner, now=now)
    elif tender.method == Method.MERIT:
        marks, comments = marks_for(tender, "owner")
        judge_offers(tender=tender, marks=marks, comments=comments, by=owner, now=now)
    elif tender.method == Method.SCORED:
        for scorer in make_scorers(tender, now=now):
            marks, comments = marks_for(tender, "scorers")
            lock_marks(scorer=scorer, marks=marks, comments=comments, by=scorer.user, now=now)


def make_scorers(tender: Tender, *, count: int = 3, declared: bool = True, now: datetime | None = None) -> list[Scorer]:
    """Let the owner ask people from elsewhere to score, who declare that nothing ties them to any firm."""
    people: list[User] = [make_user() for _number in range(count)]
    owner = agent_of(tender.buyer)
    made = [
        appoint_scorer(tender=tender, user=user, workplace="鹰潭职业技术学院", by=owner, now=now) for user in people
    ]
    return [declare_no_interest(scorer=scorer, by=scorer.user, now=now) for scorer in made] if declared else made


def marks_for(tender: Tender, kind: str) -> tuple[dict[tuple[str, str], int], dict[str, str]]:
    """Return even marks, four fifths of the points, and a comment for every judged firm."""
    bidders, criteria = judged_bidders(tender), criteria_by(tender, kind)
    marks = {(bidder.label, row["key"]): row["points"] * 80 for bidder in bidders for row in criteria}
    return marks, {bidder.label: f"{bidder.label}方案完整。" for bidder in bidders}


def award_of(selection: Selection) -> Award:
    """Return the newest award of a choice."""
    return (
        Award.objects.select_related("tender__process", "tender__buyer", "organization")
        .filter(selection=selection)
        .order_by("-rank")[0]
    )


def _of(tender: Tender) -> Selection:
    return Selection.objects.select_related("tender__process", "tender__buyer").get(tender=tender)
