"""Open auctions with firms that bid, made through the actions: run inside a market, prints itself as JSON.

`python -m tests.faults.scenes '{"ends": [60, 60], "firms": 4}'`
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

STEP_FEN, CEILING_FEN = 100, 90_000_000_000


def main(
    ends: list[float], firms: int = 4, window: int = 120, extensions: int = 10, margin: float = 1.3
) -> dict[str, Any]:
    """Make an open auction for each of `ends`, all among the same `firms`; asked again, among the firms that are there.

    An auction ends so many seconds after everything is made. How long the making takes is guessed from one room that
    nobody uses, times `margin`; "late" is by how many seconds the guess fell short, 0 when it held.
    """
    from django.conf import settings

    from marketplace.accounts.models import User
    from marketplace.core import clock
    from marketplace.tenders.actions import adopt_rule_set
    from marketplace.tenders.models import Method
    from tests.factories.bidding import agent_of

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in by password here
    buyer, service, people = everybody(firms)
    admin = User.objects.filter(is_superuser=True).order_by("pk")[0]
    adopt_rule_set(
        method=Method.LIVE_AUCTION,
        data={"window_seconds": window, "max_extensions": extensions, "hard_end_seconds": 3600},
        since=clock.now() - timedelta(hours=20),
        by=admin,
    )
    far = clock.now() + timedelta(hours=2)
    open_room(service, buyer, people, far)
    started = time.monotonic()
    open_room(service, buyer, people, far)
    begin = clock.now() + timedelta(seconds=1 + margin * (time.monotonic() - started) * len(ends))
    made = [open_room(service, buyer, people, begin + timedelta(seconds=after)) for after in ends]
    late = max((clock.now() - begin).total_seconds(), 0)
    return {
        "firms": [signed_in(agent_of(firm)) for firm in people],
        "admin": signed_in(admin),
        "rooms": made,
        "begin": begin.timestamp(),
        "late": late,
    }


def everybody(firms: int) -> tuple[Any, Any, list[Any]]:
    """Return the owner, the service and the firms of this market, made when they are not there yet."""
    from marketplace.catalog.models import ServiceCategory
    from marketplace.parties.models import Organization
    from tests.factories.accounts import make_admin
    from tests.factories.bidding import make_stranger
    from tests.factories.catalog import make_service
    from tests.factories.parties import make_buyer

    known = list(Organization.objects.filter(is_intermediary=True).order_by("pk"))
    if known:
        return (
            Organization.objects.get(is_intermediary=False),
            ServiceCategory.objects.get(code__startswith="T-ZJ-"),
            known,
        )
    make_admin()
    service = make_service()
    return make_buyer(), service, [make_stranger(SimpleNamespace(service=service)) for _number in range(firms)]


def open_room(service: Any, buyer: Any, people: list[Any], ends_at: datetime) -> dict[str, Any]:
    """Publish a need that ends at `ends_at`, sign everybody up and open its auction, 45 minutes ago and since."""
    from marketplace.bidding.actions import open_auction
    from marketplace.core import clock
    from tests.factories.bidding import make_bidder
    from tests.factories.tenders import make_tender

    began = clock.now() - timedelta(minutes=45)
    tender = make_tender(
        buyer=buyer, service=service, now=began, auction_ends_at=ends_at, ceiling_fen=CEILING_FEN, step_fen=STEP_FEN
    )
    bidders = [make_bidder(tender=tender, organization=firm, now=began + timedelta(minutes=1)) for firm in people]
    auction = open_auction(auction=tender.auction, now=tender.selection_at)
    assert auction.status == "open", auction.status
    return {
        "number": tender.number,
        "auction": auction.pk,
        "process": tender.process_id,
        "labels": [bidder.label for bidder in bidders],
        "ends_at": auction.ends_at.timestamp(),
        "step_fen": auction.step_fen,
        "ceiling_fen": auction.ceiling_fen,
    }


def signed_in(user: Any) -> str:
    """Return the key of a session in which `user` is signed in."""
    from django.conf import settings
    from django.test import Client

    browser = Client()
    browser.force_login(user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def broken_chain() -> list[str]:
    """Return what is wrong with the hash chains of all processes."""
    from marketplace.core.events import broken_links
    from marketplace.core.models import Process

    return [sentence for process in Process.objects.all() for sentence in broken_links(process)]


if __name__ == "__main__":
    import django

    django.setup()
    given = json.loads(sys.argv[1])
    print(json.dumps(broken_chain() if given == "chain" else main(**given), ensure_ascii=False))
