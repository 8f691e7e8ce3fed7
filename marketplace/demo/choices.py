"""The choice of a firm in the seeded world: for each method what firms, owners and experts do, by people's own actions."""

from __future__ import annotations

import io
import random
from datetime import timedelta
from typing import Any

import segno
from django.conf import settings
from django.core.files.base import ContentFile

from marketplace.accounts.models import User
from marketplace.awards.actions import (
    accept_award,
    appoint_scorer,
    declare_no_interest,
    judge_offers,
    lock_marks,
    pick_firm,
    run_selection,
)
from marketplace.awards.models import Award, Selection
from marketplace.awards.queries import criteria_by, judged_bidders
from marketplace.awards.states import SelectionStatus
from marketplace.bidding.actions import end_sign_up, set_nonce, submit_offer
from marketplace.bidding.models import Bidder
from marketplace.tenders.models import FIXED_PRICE, WITH_PLAN, Method, Tender

from . import auctions
from .history import HOUR, World, agent, close, start

COMMENTS = (
    "方案针对性强，人员配备齐全，进度安排合理。",
    "技术路线清楚，现场踏勘安排细致，个别章节略简。",
    "总体可行，质量保证措施写得具体。",
    "对项目难点有预判，配合审批的安排明确。",
)
PICK_REASON = "综合考虑信用分、同类项目经验和到场时间，选择该机构。"
MINUTE = timedelta(minutes=1)


def join(world: World, tender: Tender, bidders: list[Bidder]) -> None:
    """Let some firms add a number of their own to the seed of the draw, and the owner ask experts where they are needed."""
    if tender.method == Method.SCORED:
        appoint(world, tender)
    if tender.method in FIXED_PRICE:
        for bidder in bidders[::2]:
            nonce = str(world.rng.randrange(10**8, 10**9))
            set_nonce(bidder=bidder, nonce=nonce, by=agent(bidder.organization), now=world.now)


def offer(world: World, tender: Tender, bidders: list[Bidder]) -> None:
    """Let every firm hand in its sealed offer before the opening, one of them twice."""
    at = world.at(tender.signup_ends_at - HOUR)
    for turn, bidder in enumerate([*bidders, bidders[0]]):
        submit_offer(
            bidder=bidder,
            plan=plan_of(bidder) if tender.method in WITH_PLAN else None,
            by=agent(bidder.organization),
            now=world.at(at + turn * MINUTE),
            **price(world.rng, tender),
        )


def price(rng: random.Random, tender: Tender) -> dict[str, Any]:
    """Return a price between floor and ceiling as the need wants it: whole yuan, or a discount in hundredths of a percent."""
    share = rng.randint(7000, 9800)
    if tender.is_upward:
        return {"amount_fen": tender.ceiling_fen * (20_000 - share) // 10_000 // 100 * 100}
    if tender.price_kind == Tender.PriceKind.DISCOUNT:
        return {"discount_points": 10_000 - share}
    amount = tender.ceiling_fen * share // 10_000 // 100 * 100
    return {"amount_fen": max(amount, tender.floor_fen or 0)}


def plan_of(bidder: Bidder) -> ContentFile[bytes]:
    """Return a plan: a real PDF that shows where the firm can be looked up."""
    held = io.BytesIO()
    segno.make(f"{settings.BASE_URL}/firms/{bidder.organization_id}/", error="m").save(held, kind="pdf", scale=8)
    return ContentFile(held.getvalue(), name="响应方案（演示）.pdf")


def hold(world: World, tender: Tender, bidders: list[Bidder]) -> Selection:
    """Lead a need whose sign-up is over to its result."""
    if tender.method == Method.LIVE_AUCTION:
        auction = start(world, tender)
        auctions.play(world, auction, bidders, world.rng.randint(5, 16), auctions.until_near_end(world, auction))
        close(world, auction)
        return Selection.objects.get(tender=tender)
    draw_out(world, tender)
    return judge(world, tender)


def draw_out(world: World, tender: Tender) -> Selection:
    """Open, reveal and rank at the need's time, as far as that goes without people."""
    end_sign_up(tender=tender, now=world.at(tender.signup_ends_at))
    tender.refresh_from_db()
    return run_selection(tender=tender, now=world.at(tender.selection_at))


def judge(world: World, tender: Tender) -> Selection:
    """Let people judge where the method asks for it."""
    selection = Selection.objects.get(tender=tender)
    if selection.status != SelectionStatus.JUDGING:
        return selection
    world.at(world.now + 2 * HOUR)
    if tender.method == Method.CREDIT:
        label = world.rng.choice(selection.result["short_list"])
        pick_firm(tender=tender, label=label, reason=PICK_REASON, by=agent(tender.buyer), now=world.now)
    elif tender.method == Method.MERIT:
        judge_offers(tender=tender, by=agent(tender.buyer), now=world.now, **marks(world.rng, tender, "owner"))
    else:
        for user in User.objects.filter(username__startswith="expert").order_by("username"):
            score(world, tender, user)
    return Selection.objects.get(tender=tender)


def score(world: World, tender: Tender, user: User) -> None:
    """Let an expert declare, score and lock."""
    scorer = tender.scorers.get(user=user)
    declare_no_interest(scorer=scorer, by=user, now=world.now)
    lock_marks(scorer=scorer, by=user, now=world.at(world.now + 20 * MINUTE), **marks(world.rng, tender, "scorers"))


def appoint(world: World, tender: Tender) -> None:
    """Let the owner ask the three experts."""
    for user in User.objects.filter(username__startswith="expert").order_by("username"):
        appoint_scorer(tender=tender, user=user, workplace="鹰潭演示专家库", by=agent(tender.buyer), now=world.now)


def marks(rng: random.Random, tender: Tender, kind: str) -> dict[str, Any]:
    """Return marks and comments for every firm that is judged."""
    bidders, criteria = judged_bidders(tender), criteria_by(tender, kind)
    return {
        "marks": {
            (bidder.label, criterion["key"]): rng.randint(criterion["points"] * 60, criterion["points"] * 97)
            for bidder in bidders
            for criterion in criteria
        },
        "comments": {bidder.label: rng.choice(COMMENTS) for bidder in bidders},
    }


def accept(world: World, award: Award) -> None:
    """Let the chosen firm say that it takes the work on."""
    accept_award(award=award, by=agent(award.organization), now=world.at(award.proposed_at + 3 * HOUR))
