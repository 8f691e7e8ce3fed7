"""The finance desk: found by any number, asked, refunded, tried again; who may look and who decides."""

import pytest
from django.urls import reverse

from payments.actions import create_transfer
from payments.actions.charges import confirm_payment_intent
from payments.models import Charge, Notice, Refund, Transfer
from payments.sandbox.robot import gateway_in_process
from tests.factories.payments import RETURN_URL, make_paid_intent, make_payment_intent, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(settings):
    with gateway_in_process(settings.ALIPAY_SANDBOX_DIR) as running:
        yield running


def inspect(name, row):
    return reverse(f"desk_{name}:inspect", args=[row.pk])


def index(name):
    return reverse(f"desk_{name}:index")


def text(answer):
    return answer.content.decode()


def press(client, name, row, verb):
    return client.post(inspect(name, row), {"verb": verb}, follow=True)


def test_a_payment_is_found_by_every_number(admin_client, gateway):
    intent = make_paid_intent(gateway, description="要找的款项")
    make_paid_intent(gateway, description="别的款项")
    transfer = create_transfer(intent=intent, destination=intent.payee, key="t", amount_fen=100)
    transfer.refresh_from_db()
    charge = intent.charges.get()
    numbers = (
        intent.pk,
        charge.out_trade_no,
        charge.trade_no,
        transfer.pk,
        transfer.order_id,
        "要找的",
        intent.payee.name,
    )
    for number in numbers:
        page = text(admin_client.get(index("payments"), {"q": number}))
        assert ("要找的款项" in page, "别的款项" in page) == (True, False), number
    assert intent.client_secret not in text(admin_client.get(inspect("payments", intent)))


def test_the_desk_asks_alipay(admin_client, settings):
    with gateway_in_process(settings.ALIPAY_SANDBOX_DIR, take_notice=lambda raw, now: False) as running:
        intent = make_payment_intent()
        intent = confirm_payment_intent(intent=intent, return_url=RETURN_URL, by=member_of(intent.payer))
        assert "已向支付宝查询" in text(press(admin_client, "payments", intent, "ask"))
        running.pay(intent.next_action_url)
        press(admin_client, "charges", intent.charges.get(), "ask")
    intent.refresh_from_db()
    assert intent.status == "succeeded"
    assert "立即向支付宝查询" not in text(admin_client.get(inspect("payments", intent)))


def test_a_refund_is_ordered_with_its_reason(admin_client, gateway):
    intent = make_paid_intent(gateway)
    address = f"{reverse('desk_refunds:new')}?intent={intent.pk}"
    assert address in text(admin_client.get(inspect("payments", intent)))
    form = text(admin_client.get(address))
    token = form.split('name="token" value="')[1].split('"')[0]
    values = {"intent": intent.pk, "amount_fen": "", "note": "双方解除合同", "token": token}
    for _twice in range(2):
        admin_client.post(address, values)
    refund = Refund.objects.get()
    assert (refund.amount_fen, refund.status, refund.metadata["note"]) == (
        intent.amount_fen,
        "succeeded",
        "双方解除合同",
    )
    assert "双方解除合同" in text(admin_client.get(inspect("refunds", refund)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"note": ""}, "请写明退款原因"),
        ({"intent": "pi_none"}, "没有这个付款编号"),
        ({"amount_fen": "99999999"}, "不超过可退的金额"),
    ],
)
def test_a_wrong_order_comes_back(admin_client, gateway, change, words):
    intent = make_paid_intent(gateway)
    values = {"intent": intent.pk, "amount_fen": "1", "note": "双方解除合同", "token": "t" * 20}
    answer = admin_client.post(reverse("desk_refunds:new"), values | change)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not Refund.objects.exists()


def test_a_failed_payout_is_tried_again(admin_client, gateway):
    intent = make_paid_intent(gateway)
    firm = intent.payee
    firm.alipay_account = "nobody@example.invalid"
    firm.save(update_fields=["alipay_account"])
    transfer = create_transfer(intent=intent, destination=firm, key="out")
    page = text(admin_client.get(inspect("transfers", transfer)))
    assert "核对账号和实名" in page
    assert "nobody@" not in page
    assert "笔结算没有成功" in text(admin_client.get(reverse("wagtailadmin_home")))
    type(firm).objects.filter(pk=firm.pk).update(alipay_account="")
    press(admin_client, "transfers", transfer, "retry")
    assert Transfer.objects.get(pk=transfer.pk).status == "paid"


def test_notices_are_kept_raw_and_read_only(admin_client, gateway):
    make_paid_intent(gateway)
    notice = Notice.objects.get()
    page = text(admin_client.get(inspect("notices", notice)))
    assert "trade_status=TRADE_SUCCESS" in page
    assert "<textarea" not in page
    assert admin_client.post(inspect("notices", notice), {"verb": "delete"}).status_code == 404


def test_supervisors_look_and_press_nothing(supervisor_client, gateway):
    intent = make_paid_intent(gateway)
    charge = Charge.objects.get()
    for name, row in (("payments", intent), ("charges", charge), ("notices", Notice.objects.get())):
        page = supervisor_client.get(inspect(name, row))
        assert page.status_code == 200
        assert "您可以" not in text(page).split("desk-side")[1]
    assert supervisor_client.get(reverse("desk_refunds:new")).status_code in {302, 403}
    supervisor_client.post(inspect("charges", charge), {"verb": "ask"})
    charge.refresh_from_db()
    assert charge.queries == 0


@pytest.mark.parametrize("name", ["payments", "charges", "refunds", "transfers", "notices"])
def test_lists_open_and_export(admin_client, gateway, name):
    make_paid_intent(gateway)
    assert admin_client.get(index(name)).status_code == 200
    if name == "payments":
        answer = admin_client.get(index(name), {"export": "csv"})
        body = b"".join(answer.streaming_content).decode()
        assert "32000.00" in body
        assert "client_secret" not in body
