"""/v1/payment_intents: owe an amount, send the payer to Alipay, change one's mind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.crypto import constant_time_compare

from marketplace.core.refusals import Refused
from payments.actions import cancel_payment_intent, confirm_payment_intent, create_payment_intent
from payments.actions.updates import merged_metadata, update_payment_intent
from payments.api.errors import ApiError, from_refusal, missing, wrong
from payments.api.fields import Address, Choice, Field, Flag, Group, Metadata, Several, Text, amount, required
from payments.api.lists import CREATED, PAGE, Page, page, within
from payments.api.lookup import find
from payments.api.routes import Call, Route
from payments.models import ApiKey, Charge, PaymentIntent
from payments.shapes import payment_intent as shape_of
from payments.states import PaymentIntentStatus

WAYS = ("page", "wap", "qr")
# What a publishable key is not shown: at Stripe it sees a subset too.
WITHHELD = frozenset(
    {
        "amount_capturable",
        "amount_received",
        "application",
        "application_fee_amount",
        "customer",
        "latest_charge",
        "metadata",
        "on_behalf_of",
        "payment_method_options",
        "review",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    }
)
OPEN = (PaymentIntentStatus.REQUIRES_PAYMENT_METHOD, PaymentIntentStatus.REQUIRES_ACTION)

METHOD: dict[str, Field] = {
    "payment_method_types": Several(of=Choice(values=("alipay",)), says="Alipay is the only one."),
    "payment_method_data": Group(fields={"type": required(Choice(values=("alipay",)))}),
    "payment_method_options": Group(
        fields={
            "alipay": Group(
                fields={"way": Choice(values=WAYS, says="Ours beside Stripe's: page (default), wap, or qr to scan.")}
            )
        }
    ),
}
WORDS: dict[str, Field] = {
    "description": Text(longest=256, may_unset=True, says="The payer reads it at Alipay."),
    "metadata": Metadata(),
    "transfer_group": Text(longest=100, says="What holds the money; the intent's own id if not given."),
    "on_behalf_of": Text(longest=64, says="The connected account that the money is held for."),
}
RETURN = Address(says="Where Alipay sends the payer back to. Needed by page and wap.")
CREATE: dict[str, Field] = {
    "amount": amount(is_required=True),
    "currency": Choice(values=("cny",), is_required=True),
    **WORDS,
    **METHOD,
    "automatic_payment_methods": Group(
        fields={"enabled": required(Flag()), "allow_redirects": Choice(values=("always",))},
        says="Without effect: Alipay is the only method.",
    ),
    "capture_method": Choice(values=("automatic",), says="Alipay knows no manual capture."),
    "confirmation_method": Choice(values=("automatic",)),
    "confirm": Flag(says="Confirm at once."),
    "return_url": RETURN,
}


def way_of(form: Mapping[str, Any]) -> str:
    return str(form.get("payment_method_options", {}).get("alipay", {}).get("way", "page"))


def check_create(form: Mapping[str, Any]) -> None:
    """Refuse a return_url that nothing uses, and a confirmation that lacks one."""
    if form.get("confirm"):
        check_confirm(form)
    elif "return_url" in form:
        raise wrong("return_url", "The parameter return_url can only be used with confirm=true.")


def check_confirm(form: Mapping[str, Any]) -> None:
    if way_of(form) != "qr" and "return_url" not in form:
        raise wrong(
            "return_url",
            "You must provide a return_url when confirming with alipay: the payer comes back there.",
            "parameter_missing",
        )


def create(call: Call) -> PaymentIntent | dict[str, Any]:
    form = call.form
    if call.made_before:
        intent: PaymentIntent = find("payment_intent", call.made_before)
    else:
        payee = find("account", form["on_behalf_of"], param="on_behalf_of") if "on_behalf_of" in form else None
        with transaction.atomic():  # the intent and the note of it, or neither
            intent = create_payment_intent(
                process=None,
                payer=None,
                payee=payee,
                amount_fen=form["amount"],
                description=form.get("description") or "",
                metadata=merged_metadata({}, form.get("metadata", {})),
                transfer_group=form.get("transfer_group", ""),
                now=call.now,
            )
            call.note(intent.id)
    if form.get("confirm") and intent.status in OPEN:
        return _confirm(intent, call)
    return intent if call.made_before else shape_of(intent, attempts=())


def retrieve(call: Call) -> PaymentIntent | dict[str, Any]:
    """Return an intent; to a publishable key only with its client_secret, and only what the payer may see."""
    given = call.form.get("client_secret")
    if call.key.kind != ApiKey.Kind.PUBLISHABLE:
        intent: PaymentIntent = find("payment_intent", call.ids["id"])
        if given is not None and not constant_time_compare(given, shape_of(intent)["client_secret"]):
            raise _wrong_secret()
        return intent
    if given is None:
        raise wrong("client_secret", "Missing required param: client_secret.", "parameter_missing")
    found = PaymentIntent.objects.filter(pk=call.ids["id"]).first()
    shown = shape_of(found) if found else {}
    if not constant_time_compare(given, shown.get("client_secret") or ""):
        raise missing("payment_intent", call.ids["id"], param="intent")
    return {name: value for name, value in shown.items() if name not in WITHHELD}


def _wrong_secret() -> ApiError:
    message = "The client_secret provided does not match the client_secret associated with this PaymentIntent."
    return wrong("client_secret", message, "payment_intent_invalid_parameter")


def update(call: Call) -> PaymentIntent:
    intent: PaymentIntent = find("payment_intent", call.ids["id"])
    form = call.form
    payee = find("account", form["on_behalf_of"], param="on_behalf_of") if "on_behalf_of" in form else None
    with transaction.atomic():
        intent = PaymentIntent.objects.select_for_update(of=("self",)).get(pk=intent.pk)  # its metadata is merged
        metadata = merged_metadata(intent.metadata, form["metadata"]) if "metadata" in form else None
        try:
            return update_payment_intent(
                intent=intent,
                amount_fen=form.get("amount"),
                description=(form["description"] or "") if "description" in form else None,
                metadata=metadata,
                transfer_group=form.get("transfer_group"),
                payee=payee,
                now=call.now,
            )
        except Refused as refused:
            raise _unexpected(refused, intent, "update", "requires_payment_method") from refused


def confirm(call: Call) -> PaymentIntent:
    return _confirm(find("payment_intent", call.ids["id"]), call)


def _confirm(intent: PaymentIntent, call: Call) -> PaymentIntent:
    try:
        confirmed = confirm_payment_intent(
            intent=intent,
            return_url=call.form.get("return_url", ""),
            way=Charge.Way(way_of(call.form)),
            by=None,
            now=call.now,
        )
    except Refused as refused:
        raise _unexpected(refused, intent, "confirm", "requires_payment_method, requires_action") from refused
    return PaymentIntent.objects.get(pk=confirmed.pk)


def cancel(call: Call) -> PaymentIntent:
    intent: PaymentIntent = find("payment_intent", call.ids["id"])
    try:
        return cancel_payment_intent(intent=intent, reason=call.form.get("cancellation_reason", ""), now=call.now)
    except Refused as refused:
        raise _unexpected(refused, intent, "cancel", "requires_payment_method, requires_action") from refused


def _unexpected(refused: Refused, intent: PaymentIntent, verb: str, wanted: str) -> ApiError:
    """Say a refusal with the intent inside, as Stripe does; of a wrong state with the states that would do."""
    now = PaymentIntent.objects.get(pk=intent.pk)
    error = from_refusal(refused, payment_intent=shape_of(now))
    if refused.code == "state_conflict":
        error.message = (
            f"You cannot {verb} this PaymentIntent because it has a status of {now.status}. "
            f"Only a PaymentIntent with one of the following statuses may be changed so: {wanted}."
        )
    return error


def every(call: Call) -> Page:
    rows = PaymentIntent.objects.filter(within(call.form.get("created"))).prefetch_related("charges")
    return page(call, rows, url="/v1/payment_intents", kind="payment_intent")


ROUTES = (
    Route(
        method="POST",
        path="payment_intents",
        operation="create_payment_intent",
        scope="payment_intents",
        says="Owe an amount.",
        answers="payment_intent",
        act=create,
        fields=CREATE,
        check=check_create,
    ),
    Route(
        method="GET",
        path="payment_intents",
        operation="list_payment_intents",
        scope="payment_intents",
        says="List payment intents.",
        answers="payment_intent",
        act=every,
        fields={**PAGE, **CREATED},
        is_list=True,
    ),
    Route(
        method="GET",
        path="payment_intents/{id}",
        operation="retrieve_payment_intent",
        scope="payment_intents",
        says="Read a payment intent; a publishable key reads one by its client_secret.",
        answers="payment_intent",
        act=retrieve,
        fields={"client_secret": Text(longest=200)},
        for_publishable=True,
    ),
    Route(
        method="POST",
        path="payment_intents/{id}",
        operation="update_payment_intent",
        scope="payment_intents",
        says="Change words at any time, amount and grouping before the first attempt.",
        answers="payment_intent",
        act=update,
        fields={"amount": amount(), "currency": Choice(values=("cny",)), **WORDS},
    ),
    Route(
        method="POST",
        path="payment_intents/{id}/confirm",
        operation="confirm_payment_intent",
        scope="payment_intents",
        says="Open an attempt, or the one that is under way again: next_action says where to send the payer.",
        answers="payment_intent",
        act=confirm,
        fields={**METHOD, "return_url": RETURN},
        check=check_confirm,
    ),
    Route(
        method="POST",
        path="payment_intents/{id}/cancel",
        operation="cancel_payment_intent",
        scope="payment_intents",
        says="Give up a payment that is not made.",
        answers="payment_intent",
        act=cancel,
        fields={
            "cancellation_reason": Choice(values=("duplicate", "fraudulent", "requested_by_customer", "abandoned"))
        },
    ),
)
