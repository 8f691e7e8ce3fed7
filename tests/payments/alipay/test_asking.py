"""What the adapter asks for and believes: the keys that go out, cancel's and the bills' answers, downloads kept in bounds."""

import json
from datetime import date
from urllib.parse import parse_qsl

import httpx
import pytest

from payments.alipay import keys
from payments.alipay.answers import BillUrl, Canceled, Rejected, Unknown
from payments.alipay.client import Undownloadable
from tests.payments.test_alipay_client import WHEN, gateway_over

OWN = "http://127.0.0.1:8001"
ORDER = {"out_trade_no": "py_1", "amount_fen": 8880, "subject": "测绘", "body": "pi_1", "time_expire": WHEN}
COMMON = {"out_trade_no": "py_1", "total_amount": "88.80", "subject": "测绘", "body": "pi_1"}


@pytest.fixture
def answering(merchant, sandbox_dir):
    """Give a function: an answer's fields to a gateway that always answers so, and the requests it has got."""
    private = keys.private_key((sandbox_dir / "keys" / "alipay_private.pem").read_text())

    def build(fields):
        asked = []

        def handle(request):
            sent = dict(parse_qsl(request.url.query.decode())) | dict(parse_qsl(request.content.decode()))
            asked.append(sent)
            content = json.dumps(fields).encode()
            name = sent["method"].replace(".", "_").encode()
            return httpx.Response(
                200, content=b'{"%s_response":%s,"sign":"%s"}' % (name, content, keys.sign(private, content).encode())
            )

        return gateway_over(merchant, handle), asked

    return build


@pytest.mark.parametrize(
    ("call", "values", "method", "content"),
    [
        ("cancel", {"out_trade_no": "py_1"}, "alipay.trade.cancel", {"out_trade_no": "py_1"}),
        ("close", {"out_trade_no": "py_1"}, "alipay.trade.close", {"out_trade_no": "py_1"}),
        (
            "bill_url",
            {"day": date(2026, 5, 1), "kind": "trade"},
            "alipay.data.dataservice.bill.downloadurl.query",
            {"bill_type": "trade", "bill_date": "2026-05-01"},
        ),
        (
            "precreate",
            {**ORDER, "notify_url": "http://127.0.0.1/n/"},
            "alipay.trade.precreate",
            {**COMMON, "product_code": "FACE_TO_FACE_PAYMENT", "time_expire": "2026-05-02 00:30:00"},
        ),
    ],
)
def test_every_key_that_we_set_goes_out(answering, call, values, method, content):
    gateway, asked = answering({"code": "10000", "msg": "Success"})
    getattr(gateway, call)(**values)
    (sent,) = asked
    assert (sent["method"], json.loads(sent["biz_content"])) == (method, content)
    assert sent.get("notify_url") == values.get("notify_url")


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"code": "10000", "action": "close", "retry_flag": "N"}, Canceled("close", may_retry=False)),
        ({"code": "10000", "action": "refund", "retry_flag": "Y"}, Canceled("refund", may_retry=True)),
        ({"code": "10000", "retry_flag": "N"}, Canceled("", may_retry=False)),
        (
            {"code": "40004", "sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH", "sub_msg": "商户余额不足"},
            Rejected("ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户余额不足"),
        ),
        ({"code": "40004", "sub_code": "ACQ.SYSTEM_ERROR", "sub_msg": "x"}, Unknown("40004 ACQ.SYSTEM_ERROR x")),
    ],
)
def test_a_cancel_has_three_kinds_of_answer(answering, fields, wanted):
    gateway, _ = answering(fields)
    assert gateway.cancel(out_trade_no="py_1") == wanted


def test_a_bill_has_three_kinds_of_answer(answering):
    asked = {"day": date(2026, 5, 1), "kind": "signcustomer"}
    gateway, _ = answering({"code": "10000", "bill_download_url": "https://bills.example.invalid/1"})
    assert gateway.bill_url(**asked) == BillUrl("https://bills.example.invalid/1")
    gateway, _ = answering({"code": "40004", "sub_code": "BILL_NOT_EXIST", "sub_msg": "账单不存在"})
    assert gateway.bill_url(**asked) == Rejected("BILL_NOT_EXIST", "账单不存在")
    gateway, _ = answering({"code": "10000"})
    assert isinstance(gateway.bill_url(**asked), Unknown)
    with pytest.raises(ValueError, match="signcustomer"):
        gateway.bill_url(day=date(2026, 5, 1), kind="fund")


def test_a_bill_is_fetched_over_tls_or_from_the_gateway_itself(merchant):
    gateway = gateway_over(merchant, lambda request: httpx.Response(200, content=b"PK"))
    assert gateway.download(f"{OWN}/bill?token=1") == b"PK"
    assert gateway.download("https://bills.example.invalid/1") == b"PK"
    for url in (
        "http://bills.example.invalid/1",
        "http://127.0.0.1:8002/1",
        "file:///etc/passwd",
        "http://[",
        "",
        "/relative",
    ):
        with pytest.raises(Undownloadable):
            gateway.download(url)


def endless(request):
    def pieces():
        while True:
            yield b"x" * 1024 * 1024

    return httpx.Response(200, content=pieces())


def refuse(request):
    raise httpx.ConnectError("nobody there")


def move(request):
    return httpx.Response(302, headers={"Location": "http://10.0.0.1/"})


@pytest.mark.parametrize(("handle", "why"), [(endless, "bytes"), (refuse, "nobody there"), (move, "302")])
def test_what_is_no_bill_is_undownloadable(merchant, handle, why):
    with pytest.raises(Undownloadable, match=why):
        gateway_over(merchant, handle).download(f"{OWN}/bill?token=1")
