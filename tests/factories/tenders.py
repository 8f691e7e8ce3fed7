"""Needs, drafted and published through the actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.conf import settings
from django.utils.timezone import localtime

from marketplace.accounts.models import User
from marketplace.catalog.models import Region
from marketplace.core import clock
from marketplace.parties.models import Organization
from marketplace.tenders.actions import invite_firm, publish_tender, save_draft
from marketplace.tenders.models import NAMED, WITH_PLAN, Method, Tender
from marketplace.tenders.queries import earliest_end
from marketplace.tenders.rule_data import DEFAULTS
from marketplace.tenders.rules import services_of

_numbers = count(1)


def terms(*, now: datetime | None = None, **overrides: Any) -> dict[str, Any]:
    """Return valid terms of a need, of live bidding unless `method` says another.

    Sign-ups end 30 minutes after `now`, the selection is ten minutes later, bidding lasts half an hour; for fiscal and state
    money sign-ups end when the rules at the earliest allow. Without `service` it takes a new one that any capable firm may
    provide; where the owner names the firm, a new one that provides it.
    """
    from tests.factories.catalog import make_service

    now = now or clock.now()
    region = Region.objects.filter(code="360602").first()
    method = overrides.get("method", Method.LIVE_AUCTION)
    signup_ends_at = overrides.get("signup_ends_at") or _sign_up_end(now, method, overrides)
    values = {
        "title": f"标准厂房水土保持方案编制 {next(_numbers)}",
        "region": region or Region.objects.create(code="360602", name="月湖区", level=Region.Level.COUNTY),
        "project": None,
        "case": None,
        "money_kind": Tender.MoneyKind.SOCIAL,
        "description": "编制报告书，并配合评审修改直至通过。",
        "delivery_days": 30,
        "ceiling_fen": 4_000_000 if method in NAMED else 10_000_000,
        "contact_name": "程工",
        "contact_phone": "0701-6220001",
        "complaint_phone": "0701-12345",
        "signup_ends_at": signup_ends_at,
        "selection_at": signup_ends_at + timedelta(minutes=10),
    }
    if "service" not in overrides:
        values["service"] = make_service()
    service = overrides.get("service") or values["service"]
    return {**values, **_of_method(method, service, now, values["selection_at"], overrides), **overrides}


def _sign_up_end(now: datetime, method: str, overrides: dict[str, Any]) -> datetime:
    if overrides.get("money_kind", "social") == "social" and not overrides.get("fiscal_percent"):
        return now + timedelta(minutes=30)
    key = "urgent_signup_working_days" if overrides.get("is_urgent") else "signup_working_days"
    rules = {"working_day_seconds": settings.WORKING_DAY_SECONDS}
    return max(earliest_end(now, DEFAULTS[method][key], rules), now + timedelta(minutes=30))


def _of_method(
    method: str, service: Any, now: datetime, selection_at: datetime, overrides: dict[str, Any]
) -> dict[str, Any]:
    """Return what a method needs beside the rest."""
    if method == Method.LIVE_AUCTION:
        return {"step_fen": 50_000, "auction_ends_at": selection_at + timedelta(minutes=30)}
    if method in WITH_PLAN:
        return {"criteria": DEFAULTS[method]["criteria"]}
    if method not in NAMED:
        return {}
    if "chosen_firm" not in overrides:
        from tests.factories.parties import make_firm

        overrides["chosen_firm"] = make_firm(services=[service, *overrides.get("more_services", ())])
    named = {"chosen_firm": overrides["chosen_firm"], "ground_reason": "情况说明：须尽快开展。"}
    if method == Method.EMERGENCY:
        return {**named, "happened_at": now - timedelta(hours=5)}
    return {**named, "ground": Tender.Ground.SMALL}


def typed_terms(method: str, **overrides: Any) -> dict[str, Any]:
    """Return valid terms of a method as a browser sends them."""
    values = terms(method=method, **overrides)
    data: dict[str, Any] = {"method": method}
    for name, value in values.items():
        if name == "criteria":
            for place, row in enumerate(value):
                data |= {f"criteria-{place}-{part}": row[part] for part in ("key", "name", "points", "by")}
        elif name.endswith("_fen"):
            data[name] = f"{value / 100:.2f}"
        elif name.endswith("_at"):
            data[name] = localtime(value).strftime("%Y-%m-%dT%H:%M")
        elif isinstance(value, Organization):
            data[name] = value.name
        elif value is not None:
            data[name] = getattr(value, "pk", value)
    return data


def invite_enough(tender: Tender, by: User, now: datetime | None = None) -> None:
    """Invite as many fitting firms as quotes need."""
    from tests.factories.parties import make_firm

    for _number in range(3 - tender.invitations.count()):
        invite_firm(tender=tender, organization=make_firm(services=services_of(tender)), by=by, now=now)


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
    if tender.method == Method.QUOTES:
        invite_enough(tender, by, now)
    if status != "open":
        raise ValueError(f"make_tender makes drafts and open needs; let actions lead to {status}")
    return publish_tender(tender=tender, by=by, now=now)
