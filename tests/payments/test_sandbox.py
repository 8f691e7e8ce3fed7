"""The local gateway: strict with every request, Alipay's states and codes, over a real port."""

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from payments import gateways
from payments.alipay import keys
from payments.alipay.answers import Closed, Refunded, Rejected, Trade, Transferred
from payments.alipay.client import china_time
from payments.sandbox.robot import pay_at_cashier
from tests.payments.conftest import APP, order, soon


def ask(gateway, merchant, *, method="alipay.trade.query", content=None, sign=None, drop=(), **changes):
    """Send a request of our own making; return the parsed answer."""
    fields = {
        "app_id": APP,
        "method": method,
        "charset": "utf-8",
        "format": "json",
        "version": "1.0",
        "sign_type": "RSA2",
        "timestamp": china_time(),
        "biz_content": json.dumps(content or {"out_trade_no": "py_1"}),
        **changes,
    }
    fields = {name: value for name, value in fields.items() if name not in drop}
    if "sign" not in drop:
        fields["sign"] = sign(fields) if sign else keys.sign(merchant.private_key, keys.content_to_sign(fields))
    with httpx.Client(transport=gateway.transport, base_url="http://127.0.0.1:8001") as client:
        return json.loads(client.post("/gateway.do", data=fields).content)


def code_of(answer):
    body = next(value for name, value in answer.items() if name != "sign")
    return body["code"], body.get("sub_code", "")


def test_every_step_of_a_trade(gateway):
    alipay = gateways.alipay()
    assert alipay.query(out_trade_no="py_1") == Rejected("ACQ.TRADE_NOT_EXIST", "交易不存在")
    assert alipay.close(out_trade_no="py_1").is_missing
    pay_at_cashier(order(), transport=gateway.transport)
    trade = alipay.query(out_trade_no="py_1")
    assert isinstance(trade, Trade)
    assert (trade.status, trade.total_fen, trade.is_paid) == ("TRADE_SUCCESS", 10_000, True)
    assert alipay.close(out_trade_no="py_1").code == "ACQ.TRADE_STATUS_ERROR"
    one = {"out_trade_no": "py_1", "out_request_no": "re_1"}
    assert alipay.refund_query(**one) == Refunded(is_done=False, refunded_fen=0)
    assert alipay.refund(**one, amount_fen=4_000, reason="退") == Refunded(is_done=True, refunded_fen=4_000)
    assert alipay.refund(**one, amount_fen=4_000, reason="退") == Refunded(is_done=False, refunded_fen=4_000)
    assert alipay.refund_query(**one) == Refunded(is_done=True, refunded_fen=4_000)
    assert alipay.refund(**one, amount_fen=4_001, reason="退").code == "ACQ.DISCORDANT_REPEAT_REQUEST"
    two = {"out_trade_no": "py_1", "out_request_no": "re_2", "reason": "退"}
    assert alipay.refund(**two, amount_fen=6_001).code == "ACQ.REASON_TRADE_REFUND_FEE_ERR"
    assert alipay.query(out_trade_no="py_1").status == "TRADE_SUCCESS"
    assert alipay.refund(**two, amount_fen=6_000).is_done
    assert alipay.query(out_trade_no="py_1").status == "TRADE_CLOSED"


def test_a_trade_number_begins_with_chinas_day(gateway):
    gateway.now = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)  # half past midnight in Beijing
    url = order(time_expire=datetime(2026, 11, 26, 17, 0, tzinfo=UTC))
    pay_at_cashier(url, transport=gateway.transport)
    trade = gateways.alipay().query(out_trade_no="py_1")
    assert trade.trade_no.startswith("20261127")
    payee = {"title": "结算", "identity": "org1@firms.sandbox.invalid", "name": "样例"}
    assert gateways.alipay().transfer(out_biz_no="tr_1", amount_fen=10, **payee).order_id.startswith("20261127")


def test_close_and_expiry(gateway):
    alipay = gateways.alipay()
    url = order()
    with pytest.raises(RuntimeError, match="支付密码不正确"):
        pay_at_cashier(url, pay_password="000000", transport=gateway.transport)
    assert alipay.query(out_trade_no="py_1").status == "WAIT_BUYER_PAY"
    assert isinstance(alipay.close(out_trade_no="py_1"), Closed)
    with pytest.raises(RuntimeError, match="已经关闭"):
        pay_at_cashier(url, transport=gateway.transport)
    with pytest.raises(RuntimeError, match="支付密码不正确"):
        pay_at_cashier(order("py_2"), pay_password="0", transport=gateway.transport)
    gateway.now = soon() + timedelta(minutes=1)
    assert alipay.query(out_trade_no="py_2").status == "TRADE_CLOSED"


def test_the_cashier_refuses_in_words(gateway):
    transport = gateway.transport
    with pytest.raises(RuntimeError, match="余额不足"):
        pay_at_cashier(order(), logon_id="poor@sandbox.invalid", transport=transport)
    with pytest.raises(RuntimeError, match="篡改"):
        pay_at_cashier(order(fen=1), logon_id="poor@sandbox.invalid", transport=transport)
    assert pay_at_cashier(order(), transport=transport)  # whose balance is short pays from another account
    with pytest.raises(RuntimeError, match="账号或登录密码"):
        pay_at_cashier(order("py_2"), logon_id="nobody", transport=transport)
    with httpx.Client(transport=transport, base_url="http://127.0.0.1:8001", follow_redirects=True) as browser:
        page = browser.get(order("py_3", time_expire=datetime.now(UTC) - timedelta(minutes=1)))
        assert (page.status_code, "ACQ.TRADE_HAS_CLOSE" in page.text) == (400, True)
        page = browser.get(order("py_3"))
        assert "沙箱账号" in page.text
        assert "非真实支付" in page.text
        assert "<script>" not in browser.get(order("py_4", return_url='http://127.0.0.1/"><script>')).text
        assert browser.get("/cashier/nothing").status_code == 404
        assert browser.get("/cashier.css").headers["Content-Type"].startswith("text/css")


def test_only_the_last_account_of_two_pays(gateway):
    """Two windows, two accounts, one order: the later log-in has the trade, the earlier one is refused."""
    with httpx.Client(transport=gateway.transport, base_url="http://127.0.0.1:8001", follow_redirects=True) as browser:
        first, second = (browser.get(order()).url.path for _ in range(2))
        for path, account in ((first, "poor@sandbox.invalid"), (second, "buyer@sandbox.invalid")):
            page = browser.post(f"{path}/login", data={"logon_id": account, "password": "111111"})
            assert "支付密码" in page.text
        page = browser.post(f"{first}/pay", data={"pay_password": "123456"})
        assert (page.status_code, "买家不匹配" in page.text) == (422, True)
        assert "付款成功" in browser.post(f"{second}/pay", data={"pay_password": "123456"}).text


def test_the_return_address_is_signed(gateway, merchant):
    back = pay_at_cashier(order(), transport=gateway.transport)
    fields = dict(parse_qsl(urlsplit(back).query))
    assert fields.pop("a") == "1"
    content = keys.content_to_sign(fields, without=keys.NOTICE_WITHOUT)
    assert keys.verify(merchant.alipay_public_key, content, fields["sign"])


def test_a_transfer_is_sent_once(gateway):
    alipay = gateways.alipay()
    pay_at_cashier(order(), transport=gateway.transport)
    payee = {"title": "结算", "identity": "org1@firms.sandbox.invalid", "name": "样例测绘有限公司"}
    assert alipay.transfer_query(out_biz_no="tr_1").is_missing
    sent = alipay.transfer(out_biz_no="tr_1", amount_fen=1_000, **payee)
    assert isinstance(sent, Transferred)
    assert sent.status == "SUCCESS"
    assert alipay.transfer(out_biz_no="tr_1", amount_fen=1_000, **payee) == sent
    assert alipay.transfer_query(out_biz_no="tr_1") == sent
    assert alipay.transfer(out_biz_no="tr_1", amount_fen=1_001, **payee).code == "PAYMENT_INFO_INCONSISTENCY"
    left = 10**8 + 10_000 - 60 - 1_000  # the merchant's own money, the payment without its fee, less the transfer
    assert alipay.transfer(out_biz_no="tr_2", amount_fen=left + 1, **payee).code == "BALANCE_IS_NOT_ENOUGH"
    other = {**payee, "name": "别的公司"}
    assert alipay.transfer(out_biz_no="tr_3", amount_fen=1_000, **other).code == "PAYEE_USER_INFO_ERROR"
    nobody = {**payee, "identity": "nobody@example.invalid"}
    assert alipay.transfer(out_biz_no="tr_4", amount_fen=1_000, **nobody).code == "PAYEE_NOT_EXIST"
    accounts = gateway.sandbox.store.all("SELECT balance_fen FROM account")
    assert sum(row["balance_fen"] for row in accounts) == 10**8 + 10**11 + 10**13 + 100


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"drop": ("sign",)}, ("40001", "isv.missing-signature")),
        ({"drop": ("app_id",)}, ("40001", "isv.missing-app-id")),
        ({"drop": ("method",)}, ("40001", "isv.missing-method")),
        ({"drop": ("timestamp",)}, ("40001", "isv.missing-timestamp")),
        ({"app_id": "2021"}, ("40002", "isv.invalid-app-id")),
        ({"sign_type": "RSA"}, ("40002", "isv.invalid-signature-type")),
        ({"charset": "gbk"}, ("40002", "isv.invalid-charset")),
        ({"format": "xml"}, ("40002", "isv.invalid-format")),
        ({"timestamp": "yesterday"}, ("40002", "isv.invalid-timestamp")),
        ({"timestamp": "2026-01-01 00:00:00"}, ("40002", "isv.invalid-timestamp")),
        ({"method": "alipay.trade.nothing"}, ("40002", "isv.invalid-method")),
        ({"biz_content": "[]"}, ("40002", "isv.invalid-parameter")),
        ({"biz_content": "{"}, ("40002", "isv.invalid-parameter")),
        ({"sign": lambda fields: "AAAA"}, ("40002", "isv.invalid-signature")),
        ({"content": {"trade_no": "", "out_trade_no": ""}}, ("40004", "ACQ.INVALID_PARAMETER")),
        (
            {"method": "alipay.trade.refund", "content": {"out_trade_no": "py_1", "refund_amount": 1.5}},
            ("40004", "ACQ.INVALID_PARAMETER"),
        ),
    ],
)
def test_a_wrong_request_is_refused_with_alipays_code(gateway, merchant, changes, wanted):
    answer = ask(gateway, merchant, **changes)
    assert code_of(answer) == wanted
    unsigned = {"isv.missing-app-id", "isv.invalid-app-id", "isv.missing-method"}
    assert ("sign" in answer) == (wanted[1] not in unsigned)


def test_sha1_and_a_foreign_key_are_refused(gateway, merchant):
    def sha1(fields):
        signature = merchant.private_key.sign(keys.content_to_sign(fields), padding.PKCS1v15(), hashes.SHA1())
        return base64.b64encode(signature).decode()

    assert code_of(ask(gateway, merchant, sign=sha1))[1] == "isv.invalid-signature"


def test_every_altered_parameter_is_refused(gateway, merchant):
    url = order()
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query)
    with httpx.Client(transport=gateway.transport, base_url="http://127.0.0.1:8001") as browser:
        assert browser.get(url).status_code == 302
        for name, value in pairs:
            altered = urlencode([(n, value + "1" if n == name else v) for n, v in pairs])
            assert browser.get(f"/gateway.do?{altered}").status_code != 302, name
            shorter = urlencode([(n, v) for n, v in pairs if n != name])
            assert browser.get(f"/gateway.do?{shorter}").status_code != 302, name
        assert browser.get(f"{url}&extra=1").status_code != 302
        assert browser.get(f"{url}&app_id={APP}").status_code != 302
        assert browser.get(f"{url}&empty=").status_code == 302  # empty values are not signed
