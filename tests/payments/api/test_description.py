"""The OpenAPI document, and the shapes: held against what really goes out and against the classes of Stripe's package."""

import types
import typing
from pathlib import Path

import pytest
import stripe
import yaml

from marketplace.core.openapi import written
from payments.api import openapi
from payments.api.resources import ROUTES
from payments.api.schemas import OBJECTS, object_of
from tests.factories.payments import make_party
from tests.payments.api.conftest import BACK

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


def test_the_document_in_docs_is_the_one_that_is_served(client):
    """After a change: manage.py payments_openapi > docs/payments_openapi.yaml"""
    kept = (ROOT / "docs/payments_openapi.yaml").read_text()
    assert kept == written(openapi.document())
    assert client.get("/v1/openapi.yaml").content.decode() == kept
    assert client.get("/v1/openapi.json").json() == yaml.safe_load(kept)


def test_every_reference_of_the_document_leads_somewhere():
    whole = openapi.document()

    def walk(node):
        if isinstance(node, dict):
            if "$ref" in node:
                target = whole
                for step in node["$ref"].removeprefix("#/").split("/"):
                    target = target[step]
            for below in node.values():
                walk(below)
        elif isinstance(node, list):
            for below in node:
                walk(below)

    walk(whole)
    operations = [one["operationId"] for path in whole["paths"].values() for one in path.values()]
    assert len(operations) == len(set(operations)) == len(ROUTES)


@pytest.fixture
def world(v1, gateway, settings):
    """Give one of each object, as it went out."""
    settings.PAYMENTS_WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1:9"]
    firm = make_party(role="intermediary")
    account = f"acct_{firm.pk:016d}"
    endpoint = v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/h", "enabled_events": ["*"]})
    asks = {"amount": 1_000, "currency": "cny", "confirm": True, "return_url": BACK, "on_behalf_of": account}
    open_one = v1.payment_intents.create(asks)
    sent = v1.payment_intents.create({**asks, "metadata": {"a": "1"}})
    gateway.pay(sent.next_action.alipay_handle_redirect.url)
    paid = v1.payment_intents.retrieve(sent.id)
    refund = v1.refunds.create({"payment_intent": sent.id, "amount": 100})
    transfer = v1.transfers.create(
        {"amount": 200, "currency": "cny", "destination": account, "source_transaction": paid.latest_charge}
    )
    firm.alipay_account = "nobody@example.invalid"  # Alipay refuses it: the money comes back
    firm.save()
    failed = v1.transfers.create(
        {"amount": 300, "currency": "cny", "destination": account, "source_transaction": paid.latest_charge}
    )
    reversal = v1.transfers.reversals.create(failed.id, {"amount": 100})
    found = [
        reversal,
        v1.transfers.retrieve(failed.id),
        v1.payment_intents.create({"amount": 1, "currency": "cny"}),
        open_one,
        paid,
        v1.charges.retrieve(open_one.latest_charge),
        v1.charges.retrieve(paid.latest_charge),
        v1.payment_intents.cancel(open_one.id),
        refund,
        transfer,
        v1.balance.retrieve(),
        *v1.balance_transactions.list().data,
        *v1.events.list({"limit": 100}).data,
        endpoint,
        v1.webhook_endpoints.retrieve(endpoint.id),
        v1.accounts.retrieve(account),
    ]
    assert {one["object"] for one in found} == set(OBJECTS)
    return found


def fits_schema(value, schema):
    if "anyOf" in schema:
        return any(fits_schema(value, one) for one in schema["anyOf"])
    if "$ref" in schema:
        return isinstance(value, dict)
    if "enum" in schema:
        return value in schema["enum"]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    tests = {
        "integer": lambda: isinstance(value, int) and not isinstance(value, bool),
        "string": lambda: isinstance(value, str),
        "boolean": lambda: isinstance(value, bool),
        "object": lambda: isinstance(value, dict),
        "array": lambda: isinstance(value, list),
        "null": lambda: value is None,
    }
    return any(tests[kind]() for kind in kinds)


def test_what_goes_out_is_what_the_document_says(world):
    for one in world:
        body, schema = one.to_dict(), object_of(one["object"])
        assert set(schema["required"]) <= set(body) <= set(schema["properties"]), one["object"]
        for name, value in body.items():
            assert fits_schema(value, schema["properties"][name]), (one["object"], name, value)


def fits(value, annotation, where):
    """Say what of a value does not fit an annotation of Stripe's package."""
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is typing.Any:
        return []
    if origin in (typing.Union, types.UnionType):
        tries = [fits(value, one, where) for one in inside]
        return [] if [] in tries else min(tries, key=len)
    if origin is typing.Literal:
        return [] if value in inside else [f"{where}: {value!r} is none of {inside}"]
    if origin in (list, typing.List):  # noqa: UP006 - how the package writes it
        if not isinstance(value, list):
            return [f"{where}: no list"]
        return [problem for one in value for problem in fits(one, inside[0], f"{where}[]")]
    if origin is dict or annotation is dict:
        return [] if isinstance(value, dict) else [f"{where}: no hash"]
    if isinstance(annotation, type) and issubclass(annotation, stripe.StripeObject):
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no {annotation.__name__}"]
        return [] if annotation is stripe.StripeObject else fits_class(value, annotation, where)
    if isinstance(origin, type) and issubclass(origin, stripe.StripeObject):  # ListObject[…], metadata's untyped hash
        is_list = isinstance(value, dict) and value.get("object") == "list"
        good = is_list if origin is stripe.ListObject else isinstance(value, dict)
        return [] if good else [f"{where}: no {origin.__name__}"]
    kinds = {float: (int, float)}.get(annotation, annotation)
    good = isinstance(value, kinds) and (annotation is bool or not isinstance(value, bool))
    return [] if good else [f"{where}: {value!r} is no {annotation}"]


class Names(dict):
    """Find what the package's annotations name: it imports most of it for type checkers only."""

    def __missing__(self, name):
        for room in (stripe, stripe.issuing):
            for spelled in (name, name.removeprefix("Issuing").removesuffix("Resource")):  # Card as CardResource
                if hasattr(room, spelled):
                    return getattr(room, spelled)
        raise KeyError(name)


def hints_of(kind):
    return typing.get_type_hints(kind, None, Names())


def fits_class(value, kind, where):
    problems = []
    hints = hints_of(kind)
    renamed = {"object": "object", **getattr(kind, "_field_remappings", {})}
    for name, annotation in hints.items():
        if name.startswith("_") or name in {"OBJECT_NAME", "deleted"}:
            continue
        given = renamed.get(name, name)
        if given in value:
            problems += fits(value[given], annotation, f"{where}.{given}")
    return problems


# What is ours beside Stripe's, and why (docs/payments_api.md).
OUR_FIELDS = {"payment_intent": {"source"}, "transfer": {"status"}}
OUR_EVENTS = {"transfer.paid", "transfer.failed"}


def test_the_shapes_fit_the_classes_of_stripes_package(world):
    problems, looked = [], 0
    for one in world:
        kind = type(one)
        hints = hints_of(kind)
        body = one.to_dict()
        unknown = set(body) - set(hints) - OUR_FIELDS.get(one["object"], set())
        problems += [f"{one['object']}.{name}: unknown to Stripe" for name in sorted(unknown)]
        if one["object"] == "event" and body["type"] in OUR_EVENTS:
            body.pop("type")
        problems += fits_class(body, kind, one["object"])
        looked += len(set(body) & set(hints))
    assert not problems, "\n".join(sorted(set(problems)))
    assert looked > 400
