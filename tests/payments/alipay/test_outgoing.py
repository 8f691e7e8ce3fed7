"""What goes out for each remaining question of the adapter: the SDK's models drop no key that we set."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.payments.alipay.test_asking import COMMON, ORDER, answering  # noqa: F401 - a fixture
from tests.payments.test_alipay_client import gateway_over

REFUND = {"out_trade_no": "py_1", "out_request_no": "re_1"}
TRANSFER = {"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER", "out_biz_no": "tr_1"}
WHERE = {"notify_url": "http://127.0.0.1/n/", "return_url": "http://127.0.0.1/r/"}


@pytest.mark.parametrize(
    ("call", "values", "method", "content"),
    [
        ("query", {"out_trade_no": "py_1"}, "alipay.trade.query", {"out_trade_no": "py_1"}),
        (
            "refund",
            {**REFUND, "amount_fen": 8880, "reason": "退款"},
            "alipay.trade.refund",
            {**REFUND, "refund_amount": "88.80", "refund_reason": "退款"},
        ),
        ("refund_query", REFUND, "alipay.trade.fastpay.refund.query", REFUND),
        (
            "transfer",
            {"out_biz_no": "tr_1", "amount_fen": 10, "title": "结算", "identity": "a@b.invalid", "name": "样例"},
            "alipay.fund.trans.uni.transfer",
            {
                **TRANSFER,
                "trans_amount": "0.10",
                "order_title": "结算",
                "payee_info": {"identity": "a@b.invalid", "identity_type": "ALIPAY_LOGON_ID", "name": "样例"},
            },
        ),
        ("transfer_query", {"out_biz_no": "tr_1"}, "alipay.fund.trans.common.query", TRANSFER),
    ],
)
def test_every_key_that_we_set_goes_out(answering, call, values, method, content):  # noqa: F811
    gateway, asked = answering({"code": "10000", "msg": "Success"})
    getattr(gateway, call)(**values)
    (sent,) = asked
    assert (sent["method"], json.loads(sent["biz_content"])) == (method, content)


@pytest.mark.parametrize(
    ("call", "values", "product"),
    [
        ("page_pay_url", WHERE, {"product_code": "FAST_INSTANT_TRADE_PAY"}),
        ("wap_pay_url", WHERE, {"product_code": "QUICK_WAP_WAY", "quit_url": WHERE["return_url"]}),
        (
            "wap_pay_url",
            {**WHERE, "quit_url": "http://127.0.0.1/q/"},
            {"product_code": "QUICK_WAP_WAY", "quit_url": "http://127.0.0.1/q/"},
        ),
    ],
)
def test_every_key_stands_in_the_cashiers_address(merchant, call, values, product):
    url = getattr(gateway_over(merchant, lambda request: None), call)(**ORDER, **values)
    fields = dict(parse_qsl(urlsplit(url).query))
    assert json.loads(fields["biz_content"]) == {**COMMON, **product, "time_expire": "2026-05-02 00:30:00"}
    assert {name: fields[name] for name in WHERE} == WHERE
