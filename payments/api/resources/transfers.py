"""/v1/transfers: settle held money to a firm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from payments.actions import create_transfer
from payments.actions.held import held_fen
from payments.actions.updates import merged_metadata, update_transfer
from payments.api.errors import ApiError, wrong
from payments.api.fields import Choice, Field, Metadata, Text, amount, required
from payments.api.lists import CREATED, PAGE, Page, page, within
from payments.api.lookup import find, pk_of
from payments.api.routes import Call, Route
from payments.models import Charge, PaymentIntent, Transfer
from payments.shapes.balances import with_bookings
from payments.states import ChargeStatus, PaymentIntentStatus

WORDS: dict[str, Field] = {"description": Text(longest=256, may_unset=True), "metadata": Metadata()}


def check_create(form: Mapping[str, Any]) -> None:
    if "source_transaction" not in form and "transfer_group" not in form:
        message = (
            "One of the following params should be provided for this request: source_transaction or transfer_group."
        )
        raise ApiError(400, message, code="parameter_missing")


def create(call: Call) -> Transfer:
    form = call.form
    firm = find("account", form["destination"], param="destination")
    made = Transfer.objects.filter(key=call.action_key).first() if call.remembered else None
    transfer = made or create_transfer(
        intent=_intent_of(form),
        destination=firm,
        amount_fen=form["amount"],
        key=call.action_key,
        description=form.get("description") or "",
        metadata=merged_metadata({}, form.get("metadata", {})),
        now=call.now,
    )
    return Transfer.objects.select_related("intent").get(pk=transfer.pk)  # Alipay may have answered by now


def _intent_of(form: Mapping[str, Any]) -> PaymentIntent:
    """Return the payment whose money goes out: the charge's, or the oldest of the group that holds enough."""
    if "source_transaction" in form:
        charge: Charge = find("charge", form["source_transaction"], param="source_transaction")
        if form.get("transfer_group", charge.intent.transfer_group) != charge.intent.transfer_group:
            raise wrong("transfer_group", "The transfer_group is not the one of the source_transaction.")
        if charge.status != ChargeStatus.SUCCEEDED or charge.is_late:
            raise wrong("source_transaction", f"Charge {charge.id} holds no money.", "charge_not_transferable")
        return charge.intent
    paid = PaymentIntent.objects.filter(
        transfer_group=form["transfer_group"], status=PaymentIntentStatus.SUCCEEDED
    ).order_by("created_at", "pk")
    for intent in paid:
        if held_fen(intent) >= form["amount"]:
            return intent
    message = "No payment of this transfer_group still holds the amount. A transfer takes its money from one payment."
    raise wrong("amount", message, "balance_insufficient")


def retrieve(call: Call) -> Transfer:
    transfer: Transfer = find("transfer", call.ids["id"])
    return transfer


def update(call: Call) -> Transfer:
    transfer: Transfer = find("transfer", call.ids["id"])
    form = call.form
    with transaction.atomic():
        PaymentIntent.objects.select_for_update(of=("self",)).get(pk=transfer.intent_id)  # the order of locks
        transfer = Transfer.objects.select_for_update(of=("self",)).get(pk=transfer.pk)  # its metadata is merged
        return update_transfer(
            transfer=transfer,
            description=(form["description"] or "") if "description" in form else None,
            metadata=merged_metadata(transfer.metadata, form["metadata"]) if "metadata" in form else None,
            now=call.now,
        )


def every(call: Call) -> Page:
    form = call.form
    rows = with_bookings(Transfer.objects.select_related("intent"), "transfer:", ":paid")
    rows = rows.filter(within(form.get("created")))
    if "destination" in form:
        try:
            rows = rows.filter(destination=pk_of("account", form["destination"]))
        except ValueError:
            rows = rows.none()
    if "transfer_group" in form:
        rows = rows.filter(intent__transfer_group=form["transfer_group"])
    return page(call, rows, url="/v1/transfers", kind="transfer")


def _route(method: str, path: str, operation: str, act: Any, says: str, **more: Any) -> Route:
    return Route(
        method=method, path=path, operation=operation, scope="transfers", answers="transfer", act=act, says=says, **more
    )


ROUTES = (
    _route(
        "POST",
        "transfers",
        "create_transfer",
        create,
        "Settle held money to a firm; Alipay pays it out at once.",
        fields={
            "amount": amount(is_required=True, says="In fen; Alipay pays out 10 at least."),
            "currency": required(Choice(values=("cny",))),
            "destination": required(Text(longest=64, says="A connected account.")),
            "source_transaction": Text(longest=64, says="The charge whose money it is."),
            "transfer_group": Text(longest=100, says="Instead: the oldest payment of the group that holds enough."),
            **WORDS,
        },
        check=check_create,
    ),
    _route(
        "GET",
        "transfers",
        "list_transfers",
        every,
        "List transfers.",
        fields={**PAGE, **CREATED, "destination": Text(longest=64), "transfer_group": Text(longest=100)},
        is_list=True,
    ),
    _route("GET", "transfers/{id}", "retrieve_transfer", retrieve, "Read a transfer."),
    _route("POST", "transfers/{id}", "update_transfer", update, "Change a transfer's words.", fields=WORDS),
)
