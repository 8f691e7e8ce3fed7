"""The fault switches: each makes its fault as often as it was told, and our side stays right under each."""

import time
from urllib.parse import parse_qsl

import httpx
import pytest

from payments import gateways
from payments.alipay import notify
from payments.alipay.answers import Refunded, Unknown
from payments.sandbox.faults import SWITCHES, Fault, FaultRefused, Faults
from payments.sandbox.robot import gateway_in_process, pay_at_cashier
from payments.sandbox.server import Sandbox
from tests.payments.conftest import APP, order
from tests.payments.sandbox.test_codes import ordered

SELLER = "2088000000000001"


@pytest.fixture
def told(sandbox_dir, merchant):
    """Give a gateway and what our verifier says to each of its notices, in the order of delivery."""
    seen = []

    def take(raw, now):
        try:
            taken = notify.read(raw, public_key=merchant.alipay_public_key, app_id=APP, seller_id=SELLER)
        except notify.NoticeRefused as refused:
            seen.append(refused.code)
            return False
        seen.append((taken.trade_status, taken.total_fen, taken.refund_fee_fen))
        return True

    with gateway_in_process(sandbox_dir, take_notice=take) as running:
        running.seen = seen
        yield running


PAID = ("TRADE_SUCCESS", 10_000, 0)
RETURNED = ("TRADE_SUCCESS", 10_000, 1_000)


def refund(number="re_1", fen=1_000):
    return gateways.alipay().refund(out_trade_no="py_1", out_request_no=number, amount_fen=fen, reason="退")


def test_without_switches_nothing_goes_wrong(told):
    told.pay(order())
    assert told.seen == [PAID]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("notify_wrongly_signed", "signature"),
        ("notify_sha1", "signature"),
        ("notify_other_seller", "seller_id"),
        ("notify_altered_amount", ("TRADE_SUCCESS", 10_100, 0)),
    ],
)
def test_a_spoiled_notice_is_spoiled_once(told, name, first):
    told.sandbox.faults.set(name)
    told.pay(order())
    told.pay(order("py_2"))
    assert told.seen == [first, PAID]
    again = told.sandbox.store.one("SELECT * FROM notice WHERE attempts = 1 ORDER BY rowid")
    assert (again["next_at"] is None) == (name == "notify_altered_amount")  # what was refused comes again


def test_a_lost_notice_never_comes(told):
    told.sandbox.faults.set("notify_lost")
    told.pay(order())
    assert told.seen == []
    assert told.sandbox.store.all("SELECT attempts, next_at FROM notice") == [{"attempts": 0, "next_at": None}]
    assert gateways.alipay().query(out_trade_no="py_1").is_paid


def test_a_notice_may_come_twice(told):
    told.sandbox.faults.set("notify_twice")
    told.pay(order())
    assert told.seen == [PAID, PAID]


def test_notices_may_come_in_the_wrong_order(told):
    told.sandbox.faults.set("notify_out_of_order")
    told.pay(order())
    assert told.seen == []
    refund()
    told.sandbox.notifier.deliver_due()
    assert told.seen == [RETURNED, PAID]


def test_a_late_notice_waits_its_seconds(told):
    told.sandbox.faults.set("notify_late", seconds=60)
    before = time.time()
    told.pay(order())
    assert told.seen == []
    due = told.sandbox.store.one("SELECT next_at FROM notice")["next_at"]
    assert 60 <= due - before < 70


def test_an_early_notice_comes_before_the_answer(told):
    pay_at_cashier(order(), transport=told.transport)
    told.sandbox.notifier.deliver_due()
    refund("re_0", 1)
    assert told.seen == [PAID]  # nobody delivers in a process until asked to
    told.sandbox.faults.set("notify_early")
    assert refund("re_1", 999) == Refunded(is_done=True, refunded_fen=1_000)
    assert told.seen == [PAID, ("TRADE_SUCCESS", 10_000, 1), RETURNED]


def test_an_answer_lost_after_the_effect_is_unknown_and_repeating_moves_nothing(told):
    told.pay(order())
    told.sandbox.faults.set("answer_lost", only="alipay.trade.refund")
    assert gateways.alipay().query(out_trade_no="py_1").is_paid  # another method: its answer arrives
    assert isinstance(refund(), Unknown)
    assert gateways.alipay().refund_query(out_trade_no="py_1", out_request_no="re_1") == Refunded(True, 1_000)
    assert refund() == Refunded(is_done=False, refunded_fen=1_000)


def test_a_slow_answer_comes_after_its_seconds(sandbox_dir):
    waited = []
    sandbox = Sandbox(sandbox_dir, app_id=APP, faults=Faults(sleep=waited.append))
    gateways.push_transport(httpx.WSGITransport(app=sandbox))
    try:
        sandbox.faults.set("slow", seconds=2.5, times=2)
        for _ in range(3):
            assert gateways.alipay().query(out_trade_no="py_1").is_missing
        assert waited == [2.5, 2.5]
    finally:
        gateways.pop_transport()
        sandbox.store.close()


def test_a_code_may_die_at_a_close_that_finds_no_trade(told):
    alipay = gateways.alipay()
    code = alipay.precreate(**ordered())
    told.sandbox.faults.set("code_dies_at_close")
    assert alipay.close(out_trade_no="py_1").is_missing
    assert alipay.query(out_trade_no="py_1").is_missing
    with pytest.raises(RuntimeError, match="失效"):
        told.pay(code.qr_code)
    assert alipay.query(out_trade_no="py_1").is_missing


def test_switches_count_down_and_turn_off():
    faults = Faults()
    faults.set("slow", times=None, seconds=1, only="alipay.trade.query")
    assert faults.take("slow", method="alipay.trade.refund") is None
    for _ in range(3):
        assert faults.take("slow", method="alipay.trade.query") == Fault(None, 1, "alipay.trade.query")
    faults.set("notify_lost", times=2)
    assert [bool(faults.take("notify_lost")) for _ in range(3)] == [True, True, False]
    assert set(faults.on()) == {"slow"}
    faults.clear()
    assert faults.on() == {}


@pytest.mark.parametrize(
    "values",
    [
        {"name": "nothing"},
        {"name": "slow"},
        {"name": "slow", "seconds": -1},
        {"name": "slow", "seconds": float("nan")},
        {"name": "slow", "seconds": 1e9},
        {"name": "notify_lost", "seconds": 1},
        {"name": "notify_lost", "times": 0},
    ],
)
def test_a_switch_refuses_what_makes_no_sense(values):
    faults = Faults()
    with pytest.raises(FaultRefused):
        faults.set(**values)
    assert faults.on() == {}


def client(gateway, base="http://127.0.0.1:8001", peer="127.0.0.1"):
    transport = httpx.WSGITransport(app=gateway.sandbox, remote_addr=peer)
    return httpx.Client(transport=transport, base_url=base, follow_redirects=True)


def test_the_page_shows_and_sets_the_switches(told):
    with client(told) as browser:
        page = browser.get("/faults").text
        assert [name for name in SWITCHES if f"<code>{name}</code>" not in page] == []
        assert "已打开" not in page
        form = {"name": "slow", "times": " 3", "seconds": "0.5", "only": "alipay.trade.query"}
        page = browser.post("/faults", data=form, headers={"Origin": "http://127.0.0.1:8001"})
        assert (page.status_code, "已打开：还有 3 次，0.5 秒，只对 alipay.trade.query" in page.text) == (200, True)
        browser.post("/faults", data={"name": "notify_lost", "times": ""})
        assert told.sandbox.faults.on()["notify_lost"] == Fault(None)
        browser.post("/faults", data={"off": "slow"})
        assert set(told.sandbox.faults.on()) == {"notify_lost"}
        browser.post("/faults", data={"off": ""})
        assert told.sandbox.faults.on() == {}
        for wrong in ({"name": "x"}, {"name": "slow", "seconds": "viel"}, {"name": "notify_lost", "times": "1.5"}, {}):
            page = browser.post("/faults", data=wrong)
            assert (page.status_code, 'role="alert"' in page.text) == (422, True)
    assert told.sandbox.faults.on() == {}
    told.pay(order())
    assert told.seen == [PAID]


@pytest.mark.parametrize(
    ("base", "peer", "site"),
    [
        ("http://127.0.0.1:8001", "10.0.0.7", ""),
        ("http://127.0.0.1:8001", "", ""),
        ("http://127.0.0.1:8001", "127.0.0.1", "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8001", "127.0.0.1", "null"),
        ("http://rebound.example.invalid:8001", "127.0.0.1", "http://rebound.example.invalid:8001"),
    ],
)
def test_nobody_else_sets_a_switch(told, base, peer, site):
    with client(told, base, peer) as browser:
        page = browser.post("/faults", data={"name": "notify_lost"}, headers={"Origin": site} if site else {})
    assert page.status_code == 403
    assert told.sandbox.faults.on() == {}


def test_notices_are_fields_that_a_form_can_carry(told, merchant):
    """A held notice is sent as it was meant: the same fields and signature as if it had not been held."""
    raws = []
    told._take_notice = lambda raw, now: raws.append(raw) or True
    told.sandbox.faults.set("notify_out_of_order")
    told.pay(order())
    told.pay(order("py_2"))
    assert [dict(parse_qsl(raw.decode()))["out_trade_no"] for raw in raws] == ["py_2", "py_1"]
    for raw in raws:
        notify.verify(notify.parse(raw), public_key=merchant.alipay_public_key)
