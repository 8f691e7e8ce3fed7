"""payment_intents, driven by Stripe's own client."""

import pytest
import stripe

from payments.models import Charge, PaymentEvent, PaymentIntent
from tests.factories.payments import make_party
from tests.payments.api.conftest import BACK

pytestmark = pytest.mark.django_db

ALIPAY = {"type": "alipay"}


def owed(v1, fen=50_000, **params):
    return v1.payment_intents.create({"amount": fen, "currency": "cny", **params})


def test_create_and_retrieve(v1):
    made = owed(v1, description="测绘费", metadata={"合同": "YT-1"}, payment_method_types=["alipay"])
    assert (made.amount, made.currency, made.status) == (50_000, "cny", "requires_payment_method")
    assert made.metadata["合同"] == "YT-1"
    again = v1.payment_intents.retrieve(made.id)
    assert isinstance(again, stripe.PaymentIntent)
    assert again.to_dict() == made.to_dict()
    assert made.last_response.headers["Request-Id"].startswith("req_")


def test_from_create_to_succeeded(v1, gateway):
    made = owed(v1)
    sent = v1.payment_intents.confirm(made.id, {"payment_method_data": ALIPAY, "return_url": BACK})
    assert sent.status == "requires_action"
    assert sent.next_action.type == "alipay_handle_redirect"
    gateway.pay(sent.next_action.alipay_handle_redirect.url)
    paid = v1.payment_intents.retrieve(made.id, {"expand": ["latest_charge"]})
    assert (paid.status, paid.amount_received, paid.next_action) == ("succeeded", 50_000, None)
    assert paid.latest_charge.paid
    assert paid.latest_charge.payment_intent == made.id


def test_create_with_confirm(v1, gateway):
    sent = owed(v1, confirm=True, return_url=BACK, payment_method_data=ALIPAY)
    assert sent.status == "requires_action"
    assert sent.next_action.redirect_to_url.return_url == BACK


@pytest.mark.parametrize(("way", "method"), [("wap", "alipay.trade.wap.pay"), ("page", "alipay.trade.page.pay")])
def test_ways_that_lead_to_a_page(v1, gateway, way, method):
    sent = owed(v1, confirm=True, return_url=BACK, payment_method_options={"alipay": {"way": way}})
    assert f"method={method}&" in sent.next_action.alipay_handle_redirect.url
    assert Charge.objects.get().way == way
    gateway.pay(sent.next_action.alipay_handle_redirect.url)
    assert v1.payment_intents.retrieve(sent.id).status == "succeeded"


def test_a_code_to_scan_needs_no_way_back(v1, gateway):
    sent = owed(v1, confirm=True, payment_method_options={"alipay": {"way": "qr"}})
    assert sent.next_action.type == "alipay_display_qr_code"
    gateway.pay(sent.next_action.alipay_display_qr_code.data)
    assert v1.payment_intents.retrieve(sent.id).status == "succeeded"


def test_confirming_again_opens_the_same_attempt(v1, gateway):
    made = owed(v1, confirm=True, return_url=BACK)
    again = v1.payment_intents.confirm(made.id, {"return_url": BACK})
    assert again.latest_charge == made.latest_charge
    assert Charge.objects.count() == 1


def test_cancel(v1, gateway):
    made = owed(v1, confirm=True, return_url=BACK)
    gone = v1.payment_intents.cancel(made.id, {"cancellation_reason": "abandoned"})
    assert (gone.status, gone.cancellation_reason) == ("canceled", "abandoned")
    assert gone.canceled_at >= gone.created
    assert owed(v1).cancellation_reason is None


def test_cancel_without_a_reason(v1):
    assert v1.payment_intents.cancel(owed(v1).id).cancellation_reason is None


def test_cancel_twice_says_the_state_and_gives_the_intent(v1):
    made = owed(v1)
    v1.payment_intents.cancel(made.id)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.payment_intents.cancel(made.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    assert caught.value.error.payment_intent.id == made.id
    assert "status of canceled" in str(caught.value)


def test_confirm_of_the_canceled(v1, gateway):
    made = owed(v1)
    v1.payment_intents.cancel(made.id)
    with pytest.raises(stripe.InvalidRequestError, match="cannot confirm") as caught:
        v1.payment_intents.confirm(made.id, {"return_url": BACK})
    assert caught.value.http_status == 400


def test_money_after_cancellation_returns(v1, gateway):
    made = owed(v1, confirm=True, return_url=BACK)
    v1.payment_intents.cancel(made.id)
    gateway.pay(made.next_action.alipay_handle_redirect.url)
    after = v1.payment_intents.retrieve(made.id, {"expand": ["latest_charge"]})
    assert (after.status, after.amount_received, after.latest_charge.refunded) == ("canceled", 0, True)


def test_update_words_and_amount(v1):
    made = owed(v1, description="甲", metadata={"a": "1", "b": "2"})
    changed = v1.payment_intents.update(
        made.id, {"amount": 60_000, "description": "", "metadata": {"a": "", "c": "3"}, "transfer_group": "G"}
    )
    assert (changed.amount, changed.description, changed.transfer_group) == (60_000, None, "G")
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    assert v1.payment_intents.update(made.id, {"metadata": ""}).metadata.to_dict() == {}


def test_the_amount_stands_still_once_an_attempt_is_under_way(v1, gateway):
    made = owed(v1, confirm=True, return_url=BACK)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.payment_intents.update(made.id, {"amount": 1})
    assert caught.value.code == "payment_intent_unexpected_state"
    assert v1.payment_intents.update(made.id, {"metadata": {"later": "1"}, "amount": 50_000}).metadata["later"] == "1"


def test_held_for_a_connected_account(v1):
    firm = make_party(role="intermediary")
    made = owed(v1, on_behalf_of=f"acct_{firm.pk:016d}", transfer_group="HT-7")
    assert PaymentIntent.objects.get().payee == firm
    assert (made.on_behalf_of, made.transfer_group) == (f"acct_{firm.pk:016d}", "HT-7")
    with pytest.raises(stripe.InvalidRequestError, match="No such account"):
        owed(v1, on_behalf_of="acct_1")


def test_events_say_which_request_asked(v1):
    made = v1.payment_intents.create({"amount": 100, "currency": "cny"}, {"idempotency_key": "once"})
    event = PaymentEvent.objects.get()
    assert (event.request_id, event.idempotency_key) == (made.last_response.headers["Request-Id"], "once")


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 0}, "amount_too_small", "amount"),
        ({"amount": -1}, "parameter_invalid_integer", "amount"),
        ({"amount": "1.5"}, "parameter_invalid_integer", "amount"),
        ({"amount": 1.5}, "parameter_invalid_integer", "amount"),
        ({"amount": "１００"}, "parameter_invalid_integer", "amount"),
        ({"amount": "1e3"}, "parameter_invalid_integer", "amount"),
        ({"amount": 10**10 + 1}, "amount_too_large", "amount"),
        ({"amount": 10**29}, "amount_too_large", "amount"),
        ({"amount": ""}, "parameter_invalid_empty", "amount"),
        ({"amount": {"a": 1}}, "parameter_invalid_string", "amount"),
        ({"currency": "usd"}, "parameter_invalid_string", "currency"),
        ({"capture_method": "manual"}, "parameter_invalid_string", "capture_method"),
        ({"payment_method_types": ["card"]}, "parameter_invalid_string", "payment_method_types[0]"),
        ({"customer": "cus_1"}, "parameter_unknown", "customer"),
        ({"payment_method_options": {"alipay": {"x": 1}}}, "parameter_unknown", "payment_method_options[alipay][x]"),
        ({"return_url": BACK}, None, "return_url"),
        ({"confirm": True}, "parameter_missing", "return_url"),
        ({"confirm": True, "return_url": "javascript:alert(1)"}, "url_invalid", "return_url"),
        ({"confirm": "yes"}, "parameter_invalid_boolean", "confirm"),
        ({"description": "字" * 257}, "parameter_invalid_string_too_long", "description"),
        ({"metadata": {"k" * 41: "v"}}, "parameter_invalid_string_too_long", None),
        ({"metadata": {"k": "v" * 501}}, "parameter_invalid_string_too_long", "metadata[k]"),
        ({"metadata": {str(n): "v" for n in range(51)}}, "parameter_invalid_string", "metadata"),
        ({"expand": ["amount"]}, None, "expand"),
    ],
)
def test_what_create_refuses(v1, params, code, param):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        owed(v1, **params)
    assert (caught.value.http_status, caught.value.code) == (400, code)
    assert param is None or caught.value.param == param
    assert not PaymentIntent.objects.exists()


def test_what_is_missing_is_named(v1):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.payment_intents.create({"currency": "cny"})
    assert (caught.value.code, caught.value.param) == ("parameter_missing", "amount")


def test_the_greatest_amount(v1):
    assert owed(v1, 10**10).amount == 10**10


def test_nobody_elses(v1):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.payment_intents.retrieve("pi_none")
    assert (caught.value.http_status, caught.value.code, caught.value.param) == (404, "resource_missing", "id")
