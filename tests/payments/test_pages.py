"""The payment page for three people: the payer, the payee and a stranger."""

import pytest
from django.urls import reverse

from payments.actions import cancel_payment_intent, confirm_payment_intent
from tests.factories.payments import make_paid_intent, make_party, make_payment_intent, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def intent(gateway):
    return make_payment_intent(metadata={"url": "/contracts/1/"})


def page(intent, name="intent"):
    return reverse(f"payments:{name}", args=[intent.pk])


def test_the_payer_sees_what_to_whom_and_until_when(client, intent):
    client.force_login(member_of(intent.payer))
    answer = client.get(page(intent))
    text = answer.content.decode()
    assert answer.status_code == 200
    for words in ("32,000.00", "叁万贰仟元整", intent.payee.name, intent.held_until, "去支付宝付款", "/contracts/1/"):
        assert words in text
    assert "every 2s" not in text
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["intent", "return"])
def test_others_see_nothing(client, intent, name):
    assert client.get(page(intent, name)).status_code == 302  # to the sign-in
    for who in (member_of(intent.payee), member_of(make_party(role="buyer"))):
        client.force_login(who)
        answer = client.get(page(intent, name))
        assert answer.status_code == 403
        assert "另一个单位" in answer.content.decode()
        assert client.post(page(intent, "confirm")).status_code == 403
    intent.refresh_from_db()
    assert intent.status == "requires_payment_method"


def test_an_unknown_payment_is_not_found(client, intent):
    client.force_login(member_of(intent.payer))
    assert client.get(reverse("payments:intent", args=["pi_nothing"])).status_code == 404
    assert client.get(page(intent, "confirm")).status_code == 405


def test_the_button_leads_to_the_cashier_and_back(client, intent, gateway, settings):
    client.force_login(member_of(intent.payer))
    answer = client.post(page(intent, "confirm"))
    assert answer.status_code == 302
    assert answer.url.startswith(settings.ALIPAY_GATEWAY_URL)
    waiting = client.get(
        page(intent, "return"), {"trade_status": "TRADE_SUCCESS", "out_trade_no": "x"}
    ).content.decode()
    assert "正在向支付宝核实" in waiting  # what the address says decides nothing
    assert 'hx-trigger="every 2s"' in waiting
    back = gateway.pay(answer.url)
    assert back.startswith(settings.BASE_URL + page(intent, "return") + "?")
    done = client.get(back.removeprefix(settings.BASE_URL)).content.decode()
    assert "款项已收到" in done
    assert "every 2s" not in done
    part = client.get(page(intent), headers={"HX-Request": "true"}).content.decode()
    assert "款项已收到" in part
    assert "<html" not in part


def test_paying_what_is_paid_is_a_sentence(client, gateway):
    intent = make_paid_intent(gateway)
    client.force_login(member_of(intent.payer))
    answer = client.post(page(intent, "confirm"))
    assert answer.status_code == 409
    assert "现在的状态是“已付款”" in answer.content.decode()


def test_an_expired_and_a_canceled_payment_say_so(client, intent):
    client.force_login(member_of(intent.payer))
    current = confirm_payment_intent(intent=intent, return_url="http://127.0.0.1/", by=member_of(intent.payer))
    assert "重新打开收银台" in client.get(page(intent)).content.decode()
    cancel_payment_intent(intent=current, by=member_of(intent.payer))
    text = client.get(page(intent)).content.decode()
    assert "这笔付款已取消" in text
    assert "<form" not in text.split('id="payment"')[1].split("</main>")[0]
