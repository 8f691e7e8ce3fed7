"""Paying by phone and by scanning: the trade begins at the scan, the code dies with its order, the notice tells the merchant."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from payments import gateways
from payments.alipay.answers import Canceled, Closed, Precreated, Rejected, Trade
from payments.sandbox.robot import gateway_in_process, pay_at_cashier
from tests.payments.conftest import soon

EXPIRE = soon()
BASE = "http://127.0.0.1:8001"


def ordered(number="py_1", fen=10_000, **other):
    return {
        "out_trade_no": number,
        "amount_fen": fen,
        "subject": "测绘",
        "body": "",
        "time_expire": EXPIRE,
        "notify_url": "http://127.0.0.1:1/n/",
        **other,
    }


def browser(gateway, **options):
    return httpx.Client(transport=gateway.transport, base_url=BASE, **options)


@pytest.fixture
def noticed(sandbox_dir):
    """Give a gateway and the list of the notices that it delivers."""
    seen = []

    def take(raw, now):
        seen.append(dict(parse_qsl(raw.decode())))
        return True

    with gateway_in_process(sandbox_dir, take_notice=take) as running:
        running.seen = seen
        yield running


def test_the_trade_of_a_code_begins_at_the_scan(noticed):
    alipay = gateways.alipay()
    code = alipay.precreate(**ordered())
    assert isinstance(code, Precreated)
    assert code.qr_code.startswith(f"{BASE}/qr/bax")
    assert alipay.query(out_trade_no="py_1").is_missing
    with browser(noticed, follow_redirects=True) as phone:
        page = phone.get(code.qr_code)
        assert (page.status_code, "扫码付款" in page.text, "¥</span>100.00" in page.text) == (200, True, True)
        assert "返回商户" not in page.text
    trade = alipay.query(out_trade_no="py_1")
    assert isinstance(trade, Trade)
    assert (trade.status, trade.buyer_id) == ("WAIT_BUYER_PAY", "")
    assert noticed.pay(code.qr_code) == ""  # nowhere to go back to: the picture was on another screen
    assert alipay.query(out_trade_no="py_1").is_paid
    assert [(fields["out_trade_no"], fields["trade_status"]) for fields in noticed.seen] == [("py_1", "TRADE_SUCCESS")]
    assert noticed.seen[0]["buyer_id"] == "2088000000000102"


def test_a_code_is_the_same_for_the_same_order_only(gateway):
    alipay = gateways.alipay()
    code = alipay.precreate(**ordered())
    assert alipay.precreate(**ordered()) == code
    assert alipay.precreate(**ordered(fen=10_001)).code == "ACQ.CONTEXT_INCONSISTENT"
    pay_at_cashier(code.qr_code, transport=gateway.transport)
    assert alipay.precreate(**ordered()).code == "ACQ.TRADE_HAS_SUCCESS"
    with pytest.raises(RuntimeError, match="已被支付"):
        pay_at_cashier(code.qr_code, transport=gateway.transport)


def test_a_code_refuses_in_words_who_comes_late_or_scans_nonsense(gateway):
    code = gateways.alipay().precreate(**ordered())
    with browser(gateway) as phone:
        assert phone.get("/qr/bax000").status_code == 400
        assert phone.post(code.qr_code).status_code == 404
        assert phone.head(code.qr_code).status_code == 404
    assert gateways.alipay().query(out_trade_no="py_1").is_missing
    with pytest.raises(RuntimeError, match="支付密码不正确"):
        pay_at_cashier(code.qr_code, pay_password="000000", transport=gateway.transport)
    with pytest.raises(RuntimeError, match="余额不足"):
        pay_at_cashier(code.qr_code, logon_id="poor@sandbox.invalid", transport=gateway.transport)
    gateway.now = EXPIRE
    with pytest.raises(RuntimeError, match="超过付款时限"):
        pay_at_cashier(code.qr_code, transport=gateway.transport)
    assert gateways.alipay().query(out_trade_no="py_1").status == "TRADE_CLOSED"
    assert gateways.alipay().precreate(**ordered()).code == "ACQ.TRADE_HAS_CLOSE"


def test_a_close_before_the_scan_finds_no_trade_and_the_code_stays_good(gateway):
    code = gateways.alipay().precreate(**ordered())
    assert gateways.alipay().close(out_trade_no="py_1").is_missing
    pay_at_cashier(code.qr_code, transport=gateway.transport)
    assert gateways.alipay().query(out_trade_no="py_1").is_paid


def test_closed_after_the_scan_the_code_is_dead(gateway):
    alipay = gateways.alipay()
    code = alipay.precreate(**ordered())
    with browser(gateway) as phone:
        assert phone.get(code.qr_code).status_code == 302
    assert isinstance(alipay.close(out_trade_no="py_1"), Closed)
    with pytest.raises(RuntimeError, match="已经关闭"):
        pay_at_cashier(code.qr_code, transport=gateway.transport)


def test_by_phone_one_pays_at_the_cashier_and_closing_is_told(noticed):
    alipay = gateways.alipay()
    wap = {"return_url": "http://127.0.0.1:8000/back/", "quit_url": "http://127.0.0.1:8000/quit/"}
    url = alipay.wap_pay_url(**ordered(), **wap)
    with browser(noticed, follow_redirects=True) as phone:
        page = phone.get(url)
        assert ('class="sheet phone"' in page.text, wap["quit_url"] in page.text) == (True, True)
    back = noticed.pay(url)
    assert dict(parse_qsl(urlsplit(back).query))["method"] == "alipay.trade.wap.pay.return"
    with pytest.raises(RuntimeError, match="支付密码不正确"):
        pay_at_cashier(alipay.wap_pay_url(**ordered("py_2"), **wap), pay_password="0", transport=noticed.transport)
    assert isinstance(alipay.close(out_trade_no="py_2"), Closed)
    noticed.sandbox.notifier.deliver_due()
    told = [(fields["out_trade_no"], fields["trade_status"]) for fields in noticed.seen]
    assert told == [("py_1", "TRADE_SUCCESS"), ("py_2", "TRADE_CLOSED")]
    closed = noticed.seen[1]
    assert "gmt_close" in closed
    assert not {"gmt_payment", "refund_fee", "buyer_pay_amount", "fund_bill_list"} & set(closed)


def test_each_way_has_its_product(gateway, merchant):
    from tests.payments.test_sandbox import ask, code_of

    content = {"out_trade_no": "py_1", "total_amount": "1.00", "subject": "测", "product_code": "QUICK_WAP_WAY"}
    for method in ("alipay.trade.precreate",):
        assert code_of(ask(gateway, merchant, method=method, content=content)) == ("40004", "ACQ.INVALID_PARAMETER")


def test_a_cancel_closes_refunds_or_does_nothing(noticed):
    alipay = gateways.alipay()
    purses = "SELECT user_id, balance_fen FROM account ORDER BY user_id"
    before = noticed.sandbox.store.all(purses)
    assert alipay.cancel(out_trade_no="py_0") == Canceled(action="", may_retry=False)

    code = alipay.precreate(**ordered())
    assert alipay.cancel(out_trade_no="py_1") == Canceled(action="", may_retry=False)  # not scanned: no trade
    with pytest.raises(RuntimeError, match="失效"):
        pay_at_cashier(code.qr_code, transport=noticed.transport)
    assert alipay.precreate(**ordered()).code == "ACQ.TRADE_HAS_CLOSE"

    scanned = alipay.precreate(**ordered("py_2"))
    with browser(noticed) as phone:
        phone.get(scanned.qr_code)
    for _ in range(2):
        assert alipay.cancel(out_trade_no="py_2") == Canceled(action="close", may_retry=False)

    noticed.pay(alipay.precreate(**ordered("py_3")).qr_code)
    assert alipay.refund(out_trade_no="py_3", out_request_no="re_1", amount_fen=3_333, reason="退").is_done
    for _ in range(2):
        assert alipay.cancel(out_trade_no="py_3") == Canceled(action="refund", may_retry=False)
    assert alipay.query(out_trade_no="py_3").status == "TRADE_CLOSED"
    assert noticed.sandbox.store.all(purses) == before  # the fee came back too
    noticed.sandbox.notifier.deliver_due()
    told = [(fields["trade_status"], fields.get("refund_fee")) for fields in noticed.seen]
    assert told == [("TRADE_SUCCESS", None), ("TRADE_SUCCESS", "33.33"), ("TRADE_CLOSED", "100.00")]


def test_a_year_after_payment_a_trade_is_finished(gateway):
    from datetime import timedelta

    alipay = gateways.alipay()
    pay_at_cashier(alipay.precreate(**ordered()).qr_code, transport=gateway.transport)
    gateway.now = EXPIRE + timedelta(days=365)
    trade = alipay.query(out_trade_no="py_1")
    assert (trade.status, trade.is_paid) == ("TRADE_FINISHED", True)
    one = {"out_trade_no": "py_1", "out_request_no": "re_1", "amount_fen": 1, "reason": "退"}
    assert alipay.refund(**one).code == "ACQ.TRADE_HAS_FINISHED"
    assert alipay.cancel(out_trade_no="py_1") == Rejected("ACQ.TRADE_HAS_FINISHED", "交易已完结")
