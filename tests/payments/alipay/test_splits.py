"""What the adapter asks for and believes of splits: every key that we set goes out, three kinds of answer."""

import json

import pytest

from payments.alipay.answers import Bound, Rejected, Settled, SettledShare, Settlement, Unknown
from payments.alipay.splits import Share
from tests.payments.alipay.test_asking import answering  # noqa: F401 - a fixture

FIRM = "org1@firms.sandbox.invalid"
SHARES = (Share(FIRM, 1_234, "首期"), Share("2088000000000103", 50, kind="userId"))
SPLIT = {"trade_no": "2026112722001000000000000001", "out_request_no": "tr_1"}
SENT = {
    **SPLIT,
    "royalty_mode": "async",
    "royalty_parameters": [
        {
            "royalty_type": "transfer",
            "trans_in_type": "loginName",
            "trans_in": FIRM,
            "amount": "12.34",
            "desc": "首期",
        },
        {"royalty_type": "transfer", "trans_in_type": "userId", "trans_in": "2088000000000103", "amount": "0.50"},
    ],
}
BINDING = {"out_request_no": "bind_1", "identity": FIRM, "name": "样例测绘有限公司"}
RECEIVER = {"type": "loginName", "account": FIRM, "name": "样例测绘有限公司"}


@pytest.mark.parametrize(
    ("call", "values", "method", "content"),
    [
        (
            "bind_receiver",
            BINDING,
            "alipay.trade.royalty.relation.bind",
            {"out_request_no": "bind_1", "receiver_list": [RECEIVER]},
        ),
        (
            "bind_receiver",
            {**BINDING, "identity": "2088000000000103", "kind": "userId", "memo": "测绘"},
            "alipay.trade.royalty.relation.bind",
            {
                "out_request_no": "bind_1",
                "receiver_list": [{**RECEIVER, "account": "2088000000000103", "type": "userId", "memo": "测绘"}],
            },
        ),
        ("settle", {**SPLIT, "shares": SHARES}, "alipay.trade.order.settle", SENT),
        (
            "settle",
            {**SPLIT, "shares": SHARES, "is_last": True},
            "alipay.trade.order.settle",
            {**SENT, "extend_params": {"royalty_finish": "true"}},
        ),
        ("settle_query", SPLIT, "alipay.trade.order.settle.query", SPLIT),
    ],
)
def test_every_key_that_we_set_goes_out(answering, call, values, method, content):  # noqa: F811
    gateway, asked = answering({"code": "10000", "msg": "Success"})
    getattr(gateway, call)(**values)
    (sent,) = asked
    assert (sent["method"], json.loads(sent["biz_content"])) == (method, content)


REFUSED = {"code": "40004", "sub_code": "ACQ.ROYALTY_RECEIVER_INVALID", "sub_msg": "x"}
UNSURE = [
    {"code": "40004", "sub_code": "ACQ.TRADE_SETTLE_ERROR", "sub_msg": "x"},
    {"code": "40004", "sub_code": "ACQ.SYSTEM_ERROR", "sub_msg": "x"},
    {"code": "20000", "sub_code": "aop.unknow-error", "sub_msg": "x"},
]
CALLS = [("bind_receiver", BINDING), ("settle", {**SPLIT, "shares": SHARES}), ("settle_query", SPLIT)]


@pytest.mark.parametrize(("call", "values"), CALLS)
def test_a_no_is_rejected_and_what_is_unsure_is_unknown(answering, call, values):  # noqa: F811
    gateway, _ = answering(REFUSED)
    assert getattr(gateway, call)(**values) == Rejected("ACQ.ROYALTY_RECEIVER_INVALID", "x")
    for fields in UNSURE:
        gateway, _ = answering(fields)
        assert isinstance(getattr(gateway, call)(**values), Unknown), fields


def test_what_was_asked_for_is_believed_only_when_it_is_there(answering):  # noqa: F811
    gateway, _ = answering({"code": "10000", "result_code": "SUCCESS"})
    assert gateway.bind_receiver(**BINDING) == Bound()
    gateway, _ = answering({"code": "10000", "result_code": "FAIL"})
    assert isinstance(gateway.bind_receiver(**BINDING), Unknown)
    gateway, _ = answering({"code": "10000", "trade_no": SPLIT["trade_no"], "settle_no": "2026"})
    assert gateway.settle(**SPLIT, shares=SHARES) == Settled("2026")
    with pytest.raises(ValueError, match="share"):
        gateway.settle(**SPLIT, shares=[])
    for odd in (None, "x", [1], [{"operation_type": "transfer"}], [{"operation_type": "transfer", "amount": "x"}]):
        gateway, _ = answering({"code": "10000", "royalty_detail_list": odd})
        assert isinstance(gateway.settle_query(**SPLIT), Unknown), odd


def listed(state, amount, **other):
    return {"operation_type": "transfer", "trans_in": FIRM, "amount": amount, "state": state, **other}


def test_shares_are_told_one_by_one_with_amounts_as_numbers_or_texts(answering):  # noqa: F811
    poor = {"error_code": "TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH", "error_desc": "分账余额不足"}
    shares = [
        listed("SUCCESS", 10.1),
        listed("FAIL", "33.33", **poor),
        {"operation_type": "replenish", "amount": 5.0, "state": "SUCCESS", "trans_in": "2088"},
    ]
    gateway, _ = answering({"code": "10000", "royalty_detail_list": shares})
    told = gateway.settle_query(**SPLIT)
    assert told == Settlement(
        (
            SettledShare(FIRM, 1_010, "SUCCESS"),
            SettledShare(FIRM, 3_333, "FAIL", "TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH", "分账余额不足"),
        )
    )
    assert (told.is_done, told.paid_fen) == (True, 1_010)
    gateway, _ = answering({"code": "10000", "royalty_detail_list": [*shares, listed("PROCESSING", 1)]})
    assert gateway.settle_query(**SPLIT).is_done is False
    gateway, _ = answering({"code": "10000", "royalty_detail_list": []})
    assert gateway.settle_query(**SPLIT).is_done is False
