"""/v1/transfers/:id/reversals: take back what was not paid out."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from payments.actions import create_reversal
from payments.actions.updates import merged_metadata, update_reversal
from payments.api.fields import Metadata, amount
from payments.api.lists import PAGE, Page, page
from payments.api.lookup import find
from payments.api.routes import Call, Route
from payments.models import PaymentIntent, Transfer, TransferReversal


def create(call: Call) -> TransferReversal:
    transfer: Transfer = find("transfer", call.ids["id"])
    return create_reversal(
        transfer=transfer,
        amount_fen=call.form.get("amount"),
        key=call.action_key,
        metadata=merged_metadata({}, call.form.get("metadata", {})),
        now=call.now,
    )


def retrieve(call: Call) -> TransferReversal:
    transfer: Transfer = find("transfer", call.ids["id"])
    reversal: TransferReversal = find("transfer_reversal", call.ids["reversal"], rows=transfer.reversals.all())
    return reversal


def update(call: Call) -> TransferReversal:
    reversal = retrieve(call)
    if "metadata" not in call.form:
        return reversal
    with transaction.atomic():
        PaymentIntent.objects.select_for_update(of=("self",)).get(pk=reversal.transfer.intent_id)  # the order of locks
        reversal = TransferReversal.objects.select_for_update(of=("self",)).get(pk=reversal.pk)
        metadata = merged_metadata(reversal.metadata, call.form["metadata"])
        return update_reversal(reversal=reversal, metadata=metadata, now=call.now)


def every(call: Call) -> Page:
    transfer: Transfer = find("transfer", call.ids["id"])
    url = f"/v1/transfers/{transfer.id}/reversals"
    return page(call, transfer.reversals.all(), url=url, kind="transfer_reversal")


_route: Any = partial(Route, scope="transfers", answers="transfer_reversal")
ROUTES = (
    _route(
        method="POST",
        path="transfers/{id}/reversals",
        operation="create_transfer_reversal",
        act=create,
        says="Take back a transfer that failed or was never sent to Alipay: all that is left of it, or a part.",
        fields={"amount": amount(says="In fen; all that is left if not given."), "metadata": Metadata()},
    ),
    _route(
        method="GET",
        path="transfers/{id}/reversals",
        operation="list_transfer_reversals",
        act=every,
        says="List what of a transfer was taken back.",
        fields=PAGE,
        is_list=True,
    ),
    _route(
        method="GET",
        path="transfers/{id}/reversals/{reversal}",
        operation="retrieve_transfer_reversal",
        act=retrieve,
        says="Read a reversal.",
    ),
    _route(
        method="POST",
        path="transfers/{id}/reversals/{reversal}",
        operation="update_transfer_reversal",
        act=update,
        says="Change a reversal's metadata.",
        fields={"metadata": Metadata()},
    ),
)
