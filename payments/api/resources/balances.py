"""/v1/balance and /v1/balance_transactions: what the ledger says, of the platform or of one firm."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Sum

from payments.api.fields import Choice, Text
from payments.api.lists import CREATED, PAGE, Page, page, within
from payments.api.lookup import find, moves, pk_of
from payments.api.routes import Call, Route
from payments.models import Balance, Entry
from payments.models.ledger import AccountKind
from payments.shapes.balances import TYPES, balance, balance_transaction


def read_balance(call: Call) -> dict[str, Any]:
    """Return escrow as pending; for a firm, what is payable to it as available."""
    if call.account is not None:
        return balance(available_fen=_sum(AccountKind.PAYABLE, str(call.account.pk)), pending_fen=0)
    return balance(available_fen=0, pending_fen=_sum(AccountKind.ESCROW))


def _sum(kind: AccountKind, owner: str | None = None) -> int:
    rows = Balance.objects.filter(account__kind=kind)
    if owner is not None:
        rows = rows.filter(account__owner=owner)
    return rows.aggregate(total=Sum("amount_fen"))["total"] or 0


def _entries(call: Call) -> Any:
    if call.account is None:
        return moves()
    own = {"lines__account__kind": AccountKind.PAYABLE, "lines__account__owner": str(call.account.pk)}
    return Entry.objects.filter(**own)


def retrieve(call: Call) -> dict[str, Any]:
    entry = find("balance_transaction", call.ids["id"], rows=_entries(call))
    return balance_transaction(entry, payable_of=call.account.pk if call.account else None)


def every(call: Call) -> Page:
    form = call.form
    rows = _entries(call).filter(within(form.get("created"), "at")).prefetch_related("lines__account")
    if "type" in form:
        rows = rows.filter(kind__in=[kind for kind, made in TYPES.items() if made == form["type"]])
    if "source" in form:
        rows = rows.filter(key__contains=f":{form['source']}")
    return page(
        call,
        rows,
        url="/v1/balance_transactions",
        kind="balance_transaction",
        moment=None,
        pk_of=partial(pk_of, "balance_transaction"),
        make=partial(balance_transaction, payable_of=call.account.pk if call.account else None),
    )


ROUTES = (
    Route(
        method="GET",
        path="balance",
        operation="retrieve_balance",
        scope="balance",
        says="Read the balance: escrow is pending; with Stripe-Account, what is payable to the firm is available.",
        answers="balance",
        act=read_balance,
        for_account=True,
    ),
    Route(
        method="GET",
        path="balance_transactions",
        operation="list_balance_transactions",
        scope="balance",
        says="List what moved the money that Alipay keeps for the platform; with Stripe-Account, what is payable.",
        answers="balance_transaction",
        act=every,
        fields={
            **PAGE,
            **CREATED,
            "type": Choice(values=("charge", "refund", "transfer")),
            "source": Text(longest=64, says="The object that it comes from."),
        },
        is_list=True,
        for_account=True,
    ),
    Route(
        method="GET",
        path="balance_transactions/{id}",
        operation="retrieve_balance_transaction",
        scope="balance",
        says="Read one.",
        answers="balance_transaction",
        act=retrieve,
        for_account=True,
    ),
)
