"""The table of refusals, and what a busy database answers."""

import ast
from pathlib import Path

import pytest
import stripe
from django.db import OperationalError

from payments import actions
from payments.api.errors import REFUSALS
from payments.api.resources import payment_intents as room
from payments.models import ApiRequest, PaymentIntent

pytestmark = pytest.mark.django_db
OWED = {"amount": 700, "currency": "cny"}
# Refused to a person who asks (`by`), never to /v1; or a mistake of ours, which answers 500.
NOT_FOR_V1 = {"ledger_unbalanced", "debtor_unclear"}
ROOMS = ("charges", "held", "ledger", "refunds", "reversals", "settlement", "transfers", "updates", "webhooks")


def codes():
    for name in ROOMS:
        for node in ast.walk(ast.parse((Path(actions.__file__).parent / f"{name}.py").read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Refused", "Invalid"}:
                yield node.args[0].value


def test_every_refusal_of_an_action_has_its_words():
    found = set(codes())
    assert len(found) > 12
    assert found - NOT_FOR_V1 <= set(REFUSALS)
    assert set(REFUSALS) <= found | {"state_conflict", "webhook_url_invalid"}


def test_refusals_are_in_english_whatever_the_caller_speaks(raw):
    made = raw("POST", "/v1/payment_intents", b"amount=5&currency=cny").json()
    cancel = f"/v1/payment_intents/{made['id']}/cancel"
    raw("POST", cancel)
    answer = raw("POST", cancel, Accept_Language="zh-hans").json()["error"]
    assert answer["message"].isascii()
    for said in REFUSALS.values():
        assert said.message.replace("¥", "").isascii()


class Busy(Exception):
    sqlstate = "55P03"


@pytest.mark.parametrize("problem", [OperationalError("database is locked"), OperationalError("canceled")])
def test_a_busy_database_is_asked_again(v1, monkeypatch, problem):
    route = next(one for one in room.ROUTES if one.operation == "create_payment_intent")

    def fail(call):
        raise problem from Busy()

    with monkeypatch.context() as patch:
        patch.setitem(route.__dict__, "act", fail)
        with pytest.raises(stripe.APIError) as caught:
            v1.payment_intents.create(OWED, {"idempotency_key": "k"})
    assert caught.value.http_status == 409
    assert caught.value.json_body["error"]["code"] == "lock_timeout"
    assert caught.value.headers["Stripe-Should-Retry"] == "true"
    assert [row.state for row in ApiRequest.objects.all()] == ["started"]  # no answer is kept, the key is free at once
    assert v1.payment_intents.create(OWED, {"idempotency_key": "k"}).amount == 700
    assert PaymentIntent.objects.count() == 1


def test_a_broken_database_is_a_mistake_of_ours(v1, monkeypatch):
    route = next(one for one in room.ROUTES if one.operation == "list_payment_intents")

    def fail(call):
        raise OperationalError("disk I/O error")

    monkeypatch.setitem(route.__dict__, "act", fail)
    with pytest.raises(stripe.APIError) as caught:
        v1.payment_intents.list()
    assert caught.value.http_status == 500
    assert "disk" not in str(caught.value)


def test_an_idempotency_key_that_cannot_be_read(raw):
    answer = raw("POST", "/v1/payment_intents", b"amount=5&currency=cny", Idempotency_Key="a\x00b")
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "idempotency_error")
