"""What the local gateway tells in notices and answers beyond the trade itself, and its codes for what is no business."""

from urllib.parse import parse_qsl

import pytest

from payments import gateways
from payments.alipay.answers import Unknown
from payments.sandbox.robot import gateway_in_process
from tests.payments.conftest import order
from tests.payments.test_sandbox import ask, code_of

COMMON = {
    *("notify_time", "notify_type", "notify_id", "app_id", "auth_app_id", "charset", "version", "sign_type", "sign"),
    *("trade_no", "out_trade_no", "buyer_id", "buyer_logon_id", "seller_id", "seller_email", "trade_status"),
    *("total_amount", "subject", "body", "gmt_create", "gmt_payment"),
    *("receipt_amount", "invoice_amount", "buyer_pay_amount", "point_amount", "fund_bill_list"),
}


@pytest.fixture
def noticed(sandbox_dir):
    """Give a gateway and the fields of the notices that it delivers."""
    seen = []

    def take(raw, now):
        seen.append(dict(parse_qsl(raw.decode())))
        return True

    with gateway_in_process(sandbox_dir, take_notice=take) as running:
        running.seen = seen
        yield running


def test_a_notice_has_the_fields_that_alipay_sends(noticed):
    noticed.pay(order(body="pi_1"))
    for number, fen in (("re_1", 4_000), ("re_2", 6_000)):
        refund = {"out_trade_no": "py_1", "out_request_no": number, "amount_fen": fen, "reason": "退"}
        assert gateways.alipay().refund(**refund).is_done
        noticed.sandbox.notifier.deliver_due()
    paid, part, rest = noticed.seen
    assert set(paid) == COMMON
    assert set(part) == COMMON | {"refund_fee", "gmt_refund", "out_biz_no"}
    assert set(rest) == COMMON | {"refund_fee", "gmt_refund", "out_biz_no", "gmt_close"}
    assert (paid["body"], paid["buyer_logon_id"], paid["seller_email"]) == (
        "pi_1",
        "ric***@sandbox.invalid",
        "mer***@sandbox.invalid",
    )
    assert [(told["trade_status"], told.get("refund_fee"), told.get("out_biz_no")) for told in noticed.seen] == [
        ("TRADE_SUCCESS", None, None),
        ("TRADE_SUCCESS", "40.00", "re_1"),
        ("TRADE_CLOSED", "100.00", "re_2"),
    ]
    assert len({told["notify_id"] for told in noticed.seen}) == 3


def test_what_the_merchant_passes_comes_back(noticed, merchant):
    content = {
        "out_trade_no": "py_2",
        "total_amount": "1.00",
        "subject": "测绘",
        "product_code": "FACE_TO_FACE_PAYMENT",
        "passback_params": "a%3D1%26b%3D2",
    }
    where = {"notify_url": "http://127.0.0.1:1/n/"}
    answer = ask(noticed, merchant, method="alipay.trade.precreate", content=content, **where)
    noticed.pay(answer["alipay_trade_precreate_response"]["qr_code"])
    assert noticed.seen[0]["passback_params"] == "a%3D1%26b%3D2"


def test_while_it_is_unavailable_nothing_is_done_and_the_outcome_is_unknown(silent):
    alipay = gateways.alipay()
    silent.pay(order())
    refund = {"out_trade_no": "py_1", "out_request_no": "re_1", "amount_fen": 100, "reason": "退"}
    silent.sandbox.faults.set("unavailable", only="alipay.trade.refund")
    assert alipay.query(out_trade_no="py_1").is_paid  # another method is not touched
    assert isinstance(alipay.refund(**refund), Unknown)
    assert alipay.refund_query(out_trade_no="py_1", out_request_no="re_1").is_done is False
    assert alipay.refund(**refund).is_done


@pytest.mark.parametrize(
    ("field", "sub_code"),
    [("app_auth_token", "aop.invalid-app-auth-token"), ("auth_token", "aop.invalid-auth-token")],
)
def test_a_token_that_nobody_has_given_is_refused(silent, merchant, field, sub_code):
    assert code_of(ask(silent, merchant, **{field: "201208134b203fe6c11548bcabd8da5bb087a83b"})) == ("20001", sub_code)


def test_gbk_is_refused(silent, merchant):
    for charset in ("gbk", "GB2312"):
        assert code_of(ask(silent, merchant, charset=charset)) == ("40002", "isv.invalid-charset")
    assert code_of(ask(silent, merchant, charset="UTF-8")) == ("40004", "ACQ.TRADE_NOT_EXIST")
