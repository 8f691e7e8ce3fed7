"""The needs that the robot owner posts, so that a visitor can watch every way to select a firm."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from marketplace.awards.actions import appoint_scorer
from marketplace.catalog.models import Region, ServiceCategory
from marketplace.parties.models import Organization
from marketplace.tenders.actions import invite_firm, publish_tender, save_draft
from marketplace.tenders.models import NAMED, Method, Tender

from . import cast, names
from .history import agent
from .terms import REASONS, auction_terms

SIGN_UP, LASTS, SHORT = timedelta(seconds=25), timedelta(minutes=12), timedelta(minutes=5)
# The kinds of live auctions beside the open one, each with the mark in its title.
MARK_OF_SPECIAL = "【演示·"
MARKS = {"rank": "只见名次", "turns": "轮流报价", "proxy": "代理报价", "sealed": "先密封报价", "up": "权益出让"}
SPECIAL = tuple(MARKS)
PROXY_MARK = f"{MARK_OF_SPECIAL}{MARKS['proxy']}】"


def post(
    owner: Organization,
    firms: list[Organization],
    method: Method,
    rng: random.Random,
    now: datetime,
    kind: str = "open",
) -> Tender:
    """Publish a need of the robot owner: live bidding opens in half a minute, other choices are held in a minute.

    `kind` is how firms bid live: "open", or one of SPECIAL.
    """
    services = ServiceCategory.objects.filter(
        offerings__organization__in=firms, offerings__status="live", requirement={}
    )
    service = rng.choice(list(services.distinct().order_by("code")))
    terms = _terms(service, firms, method, rng, now)
    if kind != "open":
        terms |= _special(kind, terms, rng)
    tender = save_draft(buyer=owner, values=terms, by=agent(owner), now=now)
    if method == Method.QUOTES:
        for firm in firms[:3]:
            invite_firm(tender=tender, organization=firm, by=agent(owner), now=now)
    tender = publish_tender(tender=tender, by=agent(owner), now=now)
    if method == Method.SCORED:
        for user in cast.scorers():
            appoint_scorer(tender=tender, user=user, workplace="演示机器人", by=agent(owner), now=now)
    return tender


def _special(kind: str, terms: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return what a kind of live auction changes: a shorter one, so that a visitor sees them all within half an hour."""
    mark = f"{MARK_OF_SPECIAL}{MARKS[kind]}】"
    changes = auction_terms(kind, rng.randrange(1000))
    title = changes["title"] if kind == "up" else str(terms["title"]).removeprefix("【演示】")
    return changes | {"title": mark + title, "auction_ends_at": terms["selection_at"] + SHORT}


def _terms(
    service: ServiceCategory, firms: list[Organization], method: Method, rng: random.Random, now: datetime
) -> dict[str, Any]:
    most = 49 if method == Method.DIRECT else 500
    ceiling = rng.randint(30, most) * 100_000
    opens = now + SIGN_UP + timedelta(seconds=5 if method == Method.LIVE_AUCTION else 35)
    terms: dict[str, Any] = {
        "title": f"【演示】{rng.choice(names.FIRST_NAMES)}片区{service.name}",
        "service": service,
        "region": Region.objects.get(code="360602"),
        "method": method,
        "money_kind": Tender.MoneyKind.SOCIAL,
        "description": "由演示机器人发布和参加，供您观看选取过程。内容均为虚构。",
        "delivery_days": 30,
        "ceiling_fen": ceiling,
        "contact_name": "演示机器人",
        "contact_phone": names.phone(9000),
        "complaint_phone": "0701-6009999",
        "signup_ends_at": now + SIGN_UP,
        "selection_at": opens,
    }
    if method == Method.LIVE_AUCTION:
        terms |= {"step_fen": max(10_000, ceiling // 400 // 10_000 * 10_000), "auction_ends_at": opens + LASTS}
    if method in NAMED:
        terms |= {"chosen_firm": rng.choice(firms), "ground_reason": REASONS[method]}
    if method == Method.EMERGENCY:
        terms["happened_at"] = now - timedelta(hours=2)
    return terms
