"""/v1/refunds: give held money back to the payer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from payments.actions import create_refund
from payments.actions.updates import merged_metadata, update_refund
from payments.api.errors import ApiError, wrong
from payments.api.fields import Choice, Field, Metadata, Text, amount
from payments.api.lists import CREATED, PAGE, Page, page, within
from payments.api.lookup import find
from payments.api.routes import Call, Route
from payments.models import Charge, PaymentIntent, Refund
from payments.shapes.balances import with_bookings
from payments.states import ChargeStatus

OF: dict[str, Field] = {
    "charge": Text(longest=64, says="The charge to refund."),
    "payment_intent": Text(longest=64, says="The payment intent to refund, instead of the charge."),
}


def check_create(form: Mapping[str, Any]) -> None:
    if "charge" not in form and "payment_intent" not in form:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise ApiError(400, message, code="parameter_missing")


def create(call: Call) -> Refund:
    form = call.form
    intent = _intent_of(form)
    refund = create_refund(
        intent=intent,
        key=call.action_key,
        amount_fen=form.get("amount"),
        reason=form.get("reason", Refund.Reason.REQUESTED_BY_CUSTOMER),
        metadata=merged_metadata({}, form.get("metadata", {})),
        now=call.now,
    )
    return Refund.objects.select_related("intent").get(pk=refund.pk)  # Alipay may have answered by now


def _intent_of(form: Mapping[str, Any]) -> PaymentIntent:
    """Return the payment that is refunded. Refuses two that do not belong together, and a charge that nobody paid."""
    if "charge" not in form:
        found: PaymentIntent = find("payment_intent", form["payment_intent"], param="payment_intent")
        return found
    charge: Charge = find("charge", form["charge"], param="charge")
    if form.get("payment_intent", charge.intent_id) != charge.intent_id:
        raise wrong("charge", f"Charge {charge.id} does not belong to PaymentIntent {form['payment_intent']}.")
    if charge.status != ChargeStatus.SUCCEEDED:
        raise wrong("charge", f"Charge {charge.id} has not been paid and cannot be refunded.", "charge_not_refundable")
    if charge.is_late:
        message = f"Charge {charge.id} came too late; it returns by itself."
        raise wrong("charge", message, "charge_already_refunded")
    return charge.intent


def retrieve(call: Call) -> Refund:
    refund: Refund = find("refund", call.ids["id"])
    return refund


def update(call: Call) -> Refund:
    refund: Refund = find("refund", call.ids["id"])
    if "metadata" not in call.form:
        return refund
    with transaction.atomic():
        PaymentIntent.objects.select_for_update(of=("self",)).get(pk=refund.intent_id)  # the order of locks
        refund = Refund.objects.select_for_update(of=("self",)).get(pk=refund.pk)  # its metadata is merged
        metadata = merged_metadata(refund.metadata, call.form["metadata"])
        return update_refund(refund=refund, metadata=metadata, now=call.now)


def every(call: Call) -> Page:
    rows = with_bookings(Refund.objects.select_related("intent"), "refund:", ":succeeded")
    rows = rows.filter(within(call.form.get("created")))
    for name in OF:
        if name in call.form:
            rows = rows.filter(**{"intent" if name == "payment_intent" else name: call.form[name]})
    return page(call, rows, url="/v1/refunds", kind="refund")


def _route(method: str, path: str, operation: str, act: Any, says: str, **more: Any) -> Route:
    return Route(
        method=method, path=path, operation=operation, scope="refunds", answers="refund", act=act, says=says, **more
    )


ROUTES = (
    _route(
        "POST",
        "refunds",
        "create_refund",
        create,
        "Return held money: all that is left, or a part. Of an amount that is transferred nothing can be refunded.",
        fields={
            **OF,
            "amount": amount(says="In fen; all that is left if not given."),
            "reason": Choice(values=("duplicate", "fraudulent", "requested_by_customer")),
            "metadata": Metadata(),
        },
        check=check_create,
    ),
    _route("GET", "refunds", "list_refunds", every, "List refunds.", fields={**PAGE, **CREATED, **OF}, is_list=True),
    _route("GET", "refunds/{id}", "retrieve_refund", retrieve, "Read a refund."),
    _route(
        "POST", "refunds/{id}", "update_refund", update, "Change a refund's metadata.", fields={"metadata": Metadata()}
    ),
)
