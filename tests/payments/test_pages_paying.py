"""Ways to pay, asking, canceling and giving a part back, as the payer, the firm and a stranger meet them on the page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localtime

from marketplace.core import clock
from payments.models import Charge, PaymentIntent, Refund
from payments.views import paying
from tests.factories.payments import make_paid_intent, make_party, make_payment_intent, member_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def payer(client, gateway):
    """Give a payment whose payer is signed in."""
    intent = make_payment_intent(metadata={"url": "/contracts/HT1/"})
    client.force_login(member_of(intent.payer))
    return intent


def page(intent, name="intent"):
    return reverse(f"payments:{name}", args=[intent.pk])


def text(answer):
    return answer.content.decode()


def test_the_phone_way_opens_the_phone_cashier(client, payer, settings):
    answer = client.post(page(payer, "confirm"), {"way": "wap"})
    assert answer.status_code == 302
    assert "alipay.trade.wap.pay" in answer.url
    assert 'name="way" value="wap">重新打开收银台' in text(client.get(page(payer)))


def test_a_code_is_shown_counts_down_and_is_paid(client, payer, gateway, settings):
    answer = client.post(page(payer, "confirm"), {"way": "qr"})
    assert answer.url == page(payer)
    shown = text(client.get(page(payer)))
    charge = payer.charges.get()
    assert '<svg viewBox="0 0 ' in shown
    assert "style=" not in shown.split('class="code-frame"')[1].split("</svg>")[0]
    assert f'<time class="countdown" datetime="{localtime(charge.time_expire).isoformat()}" data-countdown>' in shown
    assert "二维码显示不出来" in shown
    assert "在沙箱手机页打开" not in shown
    settings.DEMO = True
    assert f'href="{charge.qr_code}"' in text(client.get(page(payer)))
    gateway.pay(charge.qr_code)
    assert "款项已收到" in text(client.get(page(payer)))


def test_a_poll_that_finds_nothing_new_changes_nothing(client, payer, gateway):
    url = client.post(page(payer, "confirm")).url
    first = text(client.get(page(payer)))
    seen = first.split("?seen=")[1].split('"')[0]
    assert client.get(page(payer), {"seen": seen}, headers=HTMX).status_code == 204
    assert client.get(page(payer), {"seen": seen}).status_code == 200  # a person who reloads sees the page
    gateway.pay(url)
    news = client.get(page(payer), {"seen": seen}, headers=HTMX)
    assert news.status_code == 200
    assert "款项已收到" in text(news)


def test_a_silent_gateway_is_said_kindly_and_loses_nothing(client, payer, monkeypatch):
    from payments.alipay.answers import Unknown
    from payments.alipay.gateway import Gateway

    real = Gateway.precreate
    monkeypatch.setattr(Gateway, "precreate", lambda self, **order: Unknown("nobody there"))
    answer = client.post(page(payer, "confirm"), {"way": "qr"})
    assert answer.status_code == 503
    assert "暂时没有回应" in text(answer)
    assert "再取一次二维码" in text(client.get(page(payer)))
    monkeypatch.setattr(Gateway, "precreate", real)
    assert client.post(page(payer, "confirm"), {"way": "qr"}).status_code == 302
    assert Charge.objects.get().qr_code  # the same attempt got its code


def test_a_way_that_is_none_is_refused(client, payer):
    answer = client.post(page(payer, "confirm"), {"way": "cash"})
    assert answer.status_code == 422
    assert "没有这种付款方式" in text(answer)
    assert not Charge.objects.exists()


def test_asking_finds_what_a_lost_notice_said(client, silent):
    intent = make_payment_intent()
    client.force_login(member_of(intent.payer))
    url = client.post(page(intent, "confirm")).url
    waiting = client.post(page(intent, "ask"), follow=True)
    assert "还没有这笔款项的付款结果" in text(waiting)
    silent.pay(url)
    assert "款项已收到" not in text(client.get(page(intent)))
    assert "款项已收到" in text(client.post(page(intent, "ask"), follow=True))


def test_asking_has_a_pace(client, payer, monkeypatch):
    client.post(page(payer, "confirm"))
    monkeypatch.setattr(paying, "asks", paying.Buckets(rate=0.001, burst=1))
    assert client.post(page(payer, "ask")).status_code == 302
    answer = client.post(page(payer, "ask"))
    assert answer.status_code == 429
    assert "请过几秒再问" in text(answer)


def test_the_payer_cancels_and_once_only(client, payer):
    client.post(page(payer, "confirm"))
    assert "这笔付款已取消" in text(client.post(page(payer, "cancel"), follow=True))
    assert client.post(page(payer, "cancel")).status_code == 409
    payer.refresh_from_db()
    assert payer.status == "canceled"


@pytest.mark.parametrize("name", ["confirm", "ask", "cancel", "refund"])
def test_others_may_press_nothing(client, payer, name):
    for who in (member_of(payer.payee), member_of(make_party(role="buyer"))):
        client.force_login(who)
        assert client.post(page(payer, name)).status_code == 403
    payer.refresh_from_db()
    assert payer.status == "requires_payment_method"


# Giving a part back


@pytest.fixture
def paid(client, gateway):
    intent = make_paid_intent(gateway)
    client.force_login(member_of(intent.payer))
    return intent


def typed(client, intent, amount="1200.50", note="经双方商定，减少一处钻孔", **more):
    token = text(client.get(page(intent, "refund"))).split('name="token" value="')[1].split('"')[0]
    return {"amount_fen": amount, "note": note, "token": token, **more}


def test_a_part_goes_back_after_a_check(client, paid):
    values = typed(client, paid)
    check = text(client.post(page(paid, "refund"), values))
    for words in ("1,200.50", "壹仟贰佰元零伍角整", "30,799.50", values["note"], "确认退回"):
        assert words in check
    assert not Refund.objects.exists()
    back = text(client.post(page(paid, "refund"), {**values, "step": "change"}))
    assert f"{values['note']}</textarea>" in back
    for _twice in range(2):
        done = client.post(page(paid, "refund"), {**values, "step": "confirm"}, follow=True)
    refund = Refund.objects.get()  # pressed twice, returned once
    assert (refund.amount_fen, refund.status, refund.metadata["note"]) == (120_050, "succeeded", values["note"])
    for words in ("已发起退款 1,200.50 元", "30,799.50", values["note"], "退回付款账户"):
        assert words in text(done)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"amount": ""}, "请填写退款金额"),
        ({"amount": "0"}, "退款金额须大于零"),
        ({"amount": "32000.01"}, "不超过尚在保管的金额"),
        ({"amount": "1.005"}, "小数点后最多两位"),
        ({"note": "少"}, "5 到 200 个字"),
    ],
)
def test_wrong_answers_stay_and_say_why(client, paid, values, words):
    answer = client.post(page(paid, "refund"), typed(client, paid, **values))
    assert answer.status_code == 422
    assert words in text(answer)


@pytest.mark.parametrize("amount", ["32000", "31999.95"])
def test_the_payer_alone_does_not_end_the_contract(client, paid, amount):
    answer = client.post(page(paid, "refund"), typed(client, paid, amount=amount, step="confirm"))
    assert answer.status_code == 422
    assert "全部退回等于解除合同" in text(answer)
    assert not Refund.objects.exists()


def test_a_refund_on_its_way_is_watched(client, paid):
    client.post(page(paid, "refund"), typed(client, paid, step="confirm"))
    Refund.objects.update(status="pending", succeeded_at=None)
    shown = text(client.get(page(paid)))
    assert "every 5s" in shown
    assert "支付宝办理中" in shown
    Refund.objects.update(status="failed")
    shown = text(client.get(page(paid)))
    assert "every" not in shown.split('id="payment"')[1][:300]
    assert "没有退成" in shown


def test_nothing_to_return_is_a_sentence(client, payer):
    assert "没有可以退回的款项" in text(client.get(page(payer, "refund")))


def test_an_expired_attempt_may_be_paid_again(client, payer):
    client.post(page(payer, "confirm"))
    Charge.objects.update(time_expire=clock.now() - timedelta(hours=1))
    client.post(page(payer, "ask"))
    assert "上一次付款没有完成" in text(client.get(page(payer)))
    assert client.post(page(payer, "confirm")).status_code == 302
    assert PaymentIntent.objects.get(pk=payer.pk).charges.count() == 2
