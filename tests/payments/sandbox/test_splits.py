"""Splits at the local gateway: who may be given a share, when, how much in all, once per number, and where the bill lists it."""

from datetime import datetime, timedelta

import pytest

from payments import gateways
from payments.alipay.answers import Bound, Rejected, Settled, Unknown
from payments.alipay.client import CHINA
from payments.alipay.splits import Share
from payments.sandbox.fees import service_fee
from payments.sandbox.store import SELLER, shift
from tests.payments.conftest import order
from tests.payments.sandbox.test_bills import fetch, read, rows_of
from tests.payments.test_sandbox import ask, code_of

FIRM, NAME = "org1@firms.sandbox.invalid", "样例测绘有限公司"
BUYER = "2088000000000101"
PAID_AT = datetime(2026, 11, 25, 10, tzinfo=CHINA)


@pytest.fixture
def paid(silent):
    """Give a gateway half a minute after py_1 was paid, 100 yuan, and one firm is bound."""
    silent.now = PAID_AT
    silent.pay(order(time_expire=PAID_AT + timedelta(minutes=30)))
    silent.trade_no = gateways.alipay().query(out_trade_no="py_1").trade_no
    assert gateways.alipay().bind_receiver(out_request_no="b1", identity=FIRM, name=NAME) == Bound()
    silent.now = PAID_AT + timedelta(seconds=30)
    return silent


def settle(gateway, number="tr_1", fen=1_000, **other):
    shares = other.pop("shares", [Share(FIRM, fen)])
    return gateways.alipay().settle(trade_no=gateway.trade_no, out_request_no=number, shares=shares, **other)


def query(gateway, number="tr_1"):
    return gateways.alipay().settle_query(trade_no=gateway.trade_no, out_request_no=number)


def purse(gateway, **named):
    ((column, value),) = named.items()
    sql = {
        "logon_id": "SELECT balance_fen FROM account WHERE logon_id = ?",
        "user_id": "SELECT balance_fen FROM account WHERE user_id = ?",
    }
    return gateway.sandbox.store.one(sql[column], (value,))["balance_fen"]


def test_a_split_moves_money_once_per_number(paid):
    before = purse(paid, user_id=SELLER)
    first = settle(paid)
    assert isinstance(first, Settled)
    assert settle(paid) == first
    assert settle(paid, fen=999) == Rejected("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
    assert (purse(paid, logon_id=FIRM), purse(paid, user_id=SELLER)) == (1_000, before - 1_000)
    told = query(paid)
    assert [(share.receiver, share.amount_fen, share.status) for share in told.shares] == [(FIRM, 1_000, "SUCCESS")]
    assert isinstance(settle(paid, "tr_2"), Settled)
    assert purse(paid, logon_id=FIRM) == 2_000


def test_an_answer_lost_after_the_effect_is_made_good_by_the_same_again(paid):
    paid.sandbox.faults.set("answer_lost", only="alipay.trade.order.settle")
    assert isinstance(settle(paid), Unknown)
    assert query(paid).paid_fen == 1_000
    assert isinstance(settle(paid), Settled)
    assert purse(paid, logon_id=FIRM) == 1_000


def test_only_who_is_bound_may_be_given_a_share(paid):
    stranger = [Share(BUYER, 100, kind="userId")]
    assert settle(paid, shares=stranger).code == "ACQ.ROYALTY_RECEIVER_INVALID"
    assert settle(paid, shares=[Share("nobody@sandbox.invalid", 100)]).code == "ACQ.ROYALTY_RECEIVER_INVALID"
    bound = {"identity": BUYER, "name": "沙箱付款单位", "kind": "userId"}
    for number in ("b2", "b3"):  # bound again it stays so
        assert gateways.alipay().bind_receiver(out_request_no=number, **bound) == Bound()
    assert isinstance(settle(paid, shares=stranger), Settled)


@pytest.mark.parametrize(
    ("binding", "code"),
    [
        ({"identity": "nobody@sandbox.invalid", "name": "无"}, "ACQ.USER_NOT_EXIST"),
        ({"identity": "buyer@sandbox.invalid", "name": "别人"}, "ACQ.USER_NOT_EXIST"),
        ({"identity": SELLER, "name": "", "kind": "userId"}, "ACQ.USER_NOT_EXIST"),
        ({"identity": "buyer@sandbox.invalid", "name": ""}, "ACQ.INVALID_PARAMETER"),
        ({"identity": BUYER, "name": "", "kind": "openId"}, "ACQ.INVALID_RECEIVER_TYPE"),
        ({"identity": BUYER, "name": "", "kind": "userId", "out_request_no": "a-b"}, "ACQ.INVALID_PARAMETER"),
        ({"identity": BUYER, "name": "", "kind": "userId", "out_request_no": "x" * 33}, "ACQ.INVALID_PARAMETER"),
    ],
)
def test_a_binding_that_does_not_fit_is_refused(silent, binding, code):
    assert gateways.alipay().bind_receiver(**{"out_request_no": "b1", **binding}).code == code
    assert silent.sandbox.store.all("SELECT * FROM receiver") == []


def test_receivers_are_bound_together_or_not_at_all(silent, merchant):
    method = "alipay.trade.royalty.relation.bind"
    good, bad = {"type": "userId", "account": BUYER}, {"type": "userId", "account": "2088"}
    for receivers, code in (
        ([good, bad], "ACQ.USER_NOT_EXIST"),
        ([], "ACQ.RECEIVER_LIST_EMPTY"),
        ("x", "ACQ.RECEIVER_LIST_EMPTY"),
        ([good] * 21, "ACQ.INVALID_PARAMETER"),
        (["x"], "ACQ.INVALID_RECEIVER_TYPE"),
    ):
        content = {"out_request_no": "b1", "receiver_list": receivers}
        assert code_of(ask(silent, merchant, method=method, content=content)) == ("40004", code)
    assert silent.sandbox.store.all("SELECT * FROM receiver") == []


def test_a_split_waits_half_a_minute_after_the_payment(paid):
    paid.now = PAID_AT + timedelta(seconds=29)
    assert isinstance(settle(paid), Unknown)
    assert query(paid).is_missing
    paid.now = PAID_AT + timedelta(seconds=30)
    assert isinstance(settle(paid), Settled)


def test_at_most_thirty_percent_may_be_split_off_in_all(paid):
    assert isinstance(settle(paid, fen=2_999), Settled)
    assert settle(paid, "tr_2", fen=2).code == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"
    assert isinstance(settle(paid, "tr_2", fen=1), Settled)
    assert settle(paid, "tr_3", shares=[Share(FIRM, 1)]).code == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"


def test_a_contract_may_allow_more_but_never_more_than_is_left(paid):
    from payments.sandbox.splits import Splits

    desk = paid.sandbox.desk
    splits = Splits(desk, percent=100)
    assert gateways.alipay().refund(out_trade_no="py_1", out_request_no="re_1", amount_fen=4_000, reason="退").is_done
    left = 6_000 - service_fee(6_000)
    content = {
        "trade_no": paid.trade_no,
        "out_request_no": "tr_1",
        "royalty_parameters": [{"trans_in": FIRM, "trans_in_type": "loginName", "amount": f"{(left + 1) / 100:.2f}"}],
    }
    with pytest.raises(Exception, match="ALLOC_AMOUNT"):
        splits.settle(content)
    content["royalty_parameters"][0]["amount"] = f"{left / 100:.2f}"
    assert splits.settle(content)["trade_no"] == paid.trade_no
    assert purse(paid, logon_id=FIRM) == left


def test_only_a_paid_trade_is_split_and_none_after_its_last(paid):
    other = order("py_2", time_expire=PAID_AT + timedelta(minutes=30))
    paid.pay(other)
    second = gateways.alipay().query(out_trade_no="py_2").trade_no
    whole = {"out_trade_no": "py_2", "out_request_no": "re_1", "amount_fen": 10_000, "reason": "退"}
    assert gateways.alipay().refund(**whole).is_done
    paid.now += timedelta(minutes=1)
    asked = {"out_request_no": "tr_9", "shares": [Share(FIRM, 1)]}
    assert gateways.alipay().settle(trade_no=second, **asked).code == "ACQ.TRADE_STATUS_ERROR"
    assert gateways.alipay().settle(trade_no="1", **asked).is_missing
    assert isinstance(settle(paid, is_last=True), Settled)
    assert settle(paid, "tr_2").code == "ACQ.TRADE_STATUS_ERROR"
    assert isinstance(settle(paid, is_last=True), Settled)  # the same again is no second one


def test_a_share_that_the_balance_does_not_bear_fails_alone_or_all_do(paid, merchant):
    assert gateways.alipay().bind_receiver(out_request_no="b2", identity=BUYER, name="", kind="userId") == Bound()
    assert shift(paid.sandbox.store, SELLER, 700 - purse(paid, user_id=SELLER))
    shares = [Share(FIRM, 600), Share(BUYER, 101, kind="userId"), Share(FIRM, 100)]
    strict = {
        "trade_no": paid.trade_no,
        "out_request_no": "tr_s",
        "royalty_parameters": [
            {"trans_in": FIRM, "trans_in_type": "loginName", "amount": "6.00"},
            {"trans_in": BUYER, "amount": "1.01"},
        ],
    }
    answer = ask(paid, merchant, method="alipay.trade.order.settle", content=strict)
    assert code_of(answer) == ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH")
    assert (purse(paid, logon_id=FIRM), purse(paid, user_id=SELLER)) == (0, 700)
    assert isinstance(settle(paid, shares=shares), Settled)
    told = query(paid)
    assert [share.status for share in told.shares] == ["SUCCESS", "FAIL", "SUCCESS"]
    assert told.shares[1].code == "TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH"
    assert (told.is_done, told.paid_fen, purse(paid, user_id=SELLER)) == (True, 700, 0)


def test_a_query_may_lag_behind(paid):
    settle(paid)
    paid.sandbox.faults.set("split_in_progress")
    assert (query(paid).is_done, query(paid).is_done) == (False, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"royalty_mode": "later"},
        {"royalty_mode": ["sync"]},
        {"royalty_parameters": []},
        {"royalty_parameters": [None]},
        {"royalty_parameters": [{"trans_in": FIRM, "trans_in_type": "loginName", "amount": 1.5}]},
        {"royalty_parameters": [{"trans_in": FIRM, "trans_in_type": "loginName", "amount": "0.00"}]},
        {"royalty_parameters": [{"trans_in": FIRM, "trans_in_type": ["loginName"], "amount": "1.00"}]},
        {"royalty_parameters": [{"trans_in": BUYER, "amount": "1.00", "trans_out": BUYER}]},
        {"royalty_parameters": [{"trans_in": BUYER, "amount": "1.00", "royalty_type": "replenish"}]},
        {"out_request_no": ""},
        {"trade_no": None},
    ],
)
def test_a_split_that_is_not_well_formed_is_refused(paid, merchant, changes):
    good = {"trans_in": FIRM, "trans_in_type": "loginName", "amount": "1.00"}
    content = {"trade_no": paid.trade_no, "out_request_no": "tr_1", "royalty_parameters": [good], **changes}
    answer = ask(paid, merchant, method="alipay.trade.order.settle", content=content)
    assert code_of(answer) == ("40004", "ACQ.INVALID_PARAMETER")
    assert paid.sandbox.store.all("SELECT * FROM split") == []


def test_the_fund_bill_lists_shares_and_its_balance_is_the_accounts(paid):
    settle(paid)
    paid.now = datetime(2026, 11, 26, 9, tzinfo=CHINA)
    rows = rows_of(next(iter(read(fetch("signcustomer")).values())))
    share = rows[-1]
    assert (share["业务类型"], share["商户订单号"], share["支出金额（-元）"]) == ("交易分账", "py_1\t", "-10.00")
    assert share["备注"] == "tr_1"
    assert share["账户余额（元）"] == f"{purse(paid, user_id=SELLER) / 100:.2f}"


def test_a_split_is_found_by_its_own_number_too(paid, merchant):
    number = settle(paid).settle_no
    method = "alipay.trade.order.settle.query"
    answer = ask(paid, merchant, method=method, content={"settle_no": number})
    assert answer["alipay_trade_order_settle_query_response"]["out_request_no"] == "tr_1"
    assert code_of(ask(paid, merchant, method=method, content={"settle_no": "1"})) == ("40004", "ACQ.TRADE_NOT_EXIST")
