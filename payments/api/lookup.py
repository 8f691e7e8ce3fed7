"""Find objects by the ids that /v1 shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.db.models import Model, QuerySet

from marketplace.parties.models import Organization
from payments.models import Charge, Entry, PaymentEvent, PaymentIntent, Refund, Transfer, WebhookEndpoint
from payments.models.ledger import AccountKind
from payments.shapes.balances import with_bookings

from .errors import missing


def firms() -> QuerySet[Organization]:
    """Return the connected accounts: the firms of the marketplace."""
    return Organization.objects.filter(is_intermediary=True)


def moves() -> QuerySet[Entry]:
    """Return the entries that are balance transactions: those that change what the provider keeps for us."""
    rows = Entry.objects.filter(lines__account__kind=AccountKind.PROVIDER_CLEARING)
    return rows.prefetch_related("lines__account")


ROWS: dict[str, Callable[[], QuerySet[Any]]] = {
    "payment_intent": partial(PaymentIntent.objects.prefetch_related, "charges"),
    "charge": lambda: with_bookings(Charge.objects.select_related("intent").prefetch_related("refunds"), "charge:"),
    "refund": lambda: with_bookings(Refund.objects.select_related("intent"), "refund:", ":succeeded"),
    "transfer": lambda: with_bookings(Transfer.objects.select_related("intent"), "transfer:", ":paid"),
    "event": PaymentEvent.objects.all,
    "webhook_endpoint": WebhookEndpoint.objects.kept,
    "account": firms,
    "balance_transaction": moves,
}
NUMBERED = {"account": re.compile(r"acct_([0-9]{16})"), "balance_transaction": re.compile(r"txn_([0-9]{1,18})")}


def pk_of(kind: str, name: str) -> Any:
    """Return the key behind an id. Raises ValueError for what cannot be one."""
    if kind not in NUMBERED:
        return name
    found = NUMBERED[kind].fullmatch(name)
    if not found:
        raise ValueError(name)
    return int(found[1])


def find(kind: str, name: str, *, param: str = "id", rows: QuerySet[Any] | None = None) -> Any:
    """Return an object, of `rows` if given. Refuses (404 `resource_missing`) one that is not there."""
    words = kind.replace("_", " ") if kind == "webhook_endpoint" else kind
    try:
        row: Model | None = (ROWS[kind]() if rows is None else rows).filter(pk=pk_of(kind, name)).first()
    except ValueError:
        row = None
    if row is None:
        raise missing(words, name[:80], param=param)
    return row


def find_many(kind: str, names: Iterable[str]) -> dict[str, Model]:
    """Return the objects that are there, by id."""
    keys: dict[Any, str] = {}
    for name in names:
        try:
            keys[pk_of(kind, name)] = name
        except ValueError:
            continue
    return {keys[row.pk]: row for row in ROWS[kind]().filter(pk__in=list(keys))}
