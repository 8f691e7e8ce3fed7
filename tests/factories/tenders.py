"""Needs, drafted and published through the actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from marketplace.accounts.models import User
from marketplace.catalog.models import Region
from marketplace.core import clock
from marketplace.parties.models import Organization
from marketplace.tenders.actions import publish_tender, save_draft
from marketplace.tenders.models import Tender

_numbers = count(1)


def terms(*, now: datetime | None = None, **overrides: Any) -> dict[str, Any]:
    """Return valid terms of a need: sign-ups end in 30 minutes, bidding runs from 40 to 70 minutes after `now`.

    Without `service` it takes a new one that any capable firm may provide.
    """
    from tests.factories.catalog import make_service

    now = now or clock.now()
    region = Region.objects.filter(code="360602").first()
    values = {
        "title": f"标准厂房水土保持方案编制 {next(_numbers)}",
        "region": region or Region.objects.create(code="360602", name="月湖区", level=Region.Level.COUNTY),
        "project": None,
        "case": None,
        "money_kind": Tender.MoneyKind.SOCIAL,
        "description": "编制报告书，并配合评审修改直至通过。",
        "delivery_days": 30,
        "ceiling_fen": 10_000_000,
        "step_fen": 50_000,
        "contact_name": "程工",
        "contact_phone": "0701-6220001",
        "complaint_phone": "0701-12345",
        "signup_ends_at": now + timedelta(minutes=30),
        "selection_at": now + timedelta(minutes=40),
        "auction_ends_at": now + timedelta(minutes=70),
        **overrides,
    }
    if "service" not in values:
        values["service"] = make_service()
    return values


def make_tender(
    *,
    status: str = "open",
    buyer: Organization | None = None,
    by: User | None = None,
    now: datetime | None = None,
    **overrides: Any,
) -> Tender:
    """Make a need of `buyer`, a "draft" or "open"; other terms as `overrides`."""
    from tests.factories.parties import make_buyer

    now = now or clock.now()
    buyer = buyer or make_buyer()
    by = by or buyer.memberships.select_related("user").order_by("pk")[0].user
    tender = save_draft(buyer=buyer, values=terms(now=now, **overrides), by=by, now=now)
    if status == "draft":
        return tender
    if status != "open":
        raise ValueError(f"make_tender makes drafts and open needs; let actions lead to {status}")
    return publish_tender(tender=tender, by=by, now=now)
