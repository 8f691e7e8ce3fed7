"""Payments as the actions make them; `payments.sandbox.robot.gateway_in_process` gives the gateway that they are paid through."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.models import Process
from marketplace.parties.models import Membership, Organization
from payments.actions import confirm_payment_intent, create_payment_intent
from payments.models import PaymentIntent
from payments.sandbox.robot import InProcess

RETURN_URL = "http://127.0.0.1:8000/payments/back/"
_numbers = count(1)


def make_party(*, role: str, **overrides: Any) -> Organization:
    """Make a bare organization with one member (`organization.memberships`)."""
    number = next(_numbers)
    now = clock.now()
    values = {
        "process": Process.objects.create(ocid=f"party-pay-{number}", kind="party", title=str(number), created_at=now),
        "name": f"付款样例单位{number}",
        "kind": "person",
        f"is_{role}": True,
        "contact_name": "程工",
        "phone": "0701-6220001",
        "entered_at": now,
    }
    organization = Organization.objects.create(**{**values, **overrides})
    user = User.objects.create_user(username=f"payer{number}", password="not-a-secret-1")
    Membership.objects.create(user=user, organization=organization)
    return organization


def member_of(organization: Organization) -> User:
    """Return the first member."""
    return organization.memberships.select_related("user").order_by("pk")[0].user


def make_payment_intent(*, now: datetime | None = None, **overrides: Any) -> PaymentIntent:
    """Make a payment of 32,000.00 yuan that is still to be made."""
    now = now or clock.now()
    number = next(_numbers)
    values: dict[str, Any] = {
        "amount_fen": 3_200_000,
        "description": "水土保持方案编制 第 1 期",
        "metadata": {"milestone": str(number)},
        "held_until": "您验收成果后结算给机构",
    }
    values |= overrides
    if "process" not in values:
        values["process"] = Process.objects.create(
            ocid=f"pay-{number}", kind="contracting", title="付款样例", created_at=now
        )
    values.setdefault("payer", None)
    values["payer"] = values["payer"] or make_party(role="buyer")
    values["payee"] = values.get("payee") or make_party(role="intermediary")
    return create_payment_intent(**values, now=now)


def make_paid_intent(gateway: InProcess, *, now: datetime | None = None, **overrides: Any) -> PaymentIntent:
    """Make a payment and pay it at the cashier; the notice has settled it."""
    intent = make_payment_intent(now=now, **overrides)
    intent = confirm_payment_intent(intent=intent, return_url=RETURN_URL, by=member_of(intent.payer), now=now)
    gateway.pay(intent.next_action_url)
    return PaymentIntent.objects.get(pk=intent.pk)
