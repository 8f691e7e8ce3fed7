"""Every method of the local gateway: its answers pass the stock SDK, and nothing altered or odd gets through or breaks it."""

import base64
import json
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import THREAD_LOCAL, DefaultAlipayClient
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from payments import gateways
from payments.alipay import keys
from payments.alipay.client import CHINA, china_time
from payments.alipay.splits import Share
from payments.sandbox.keys import ensure_sandbox_keys
from payments.sandbox.robot import pay_at_cashier
from tests.payments.conftest import APP
from tests.payments.sandbox.test_codes import ordered

FORM = "application/x-www-form-urlencoded"
ORDER = {"out_trade_no": "py_9", "total_amount": "1.00", "subject": "测绘"}
PAYEE = {"identity": "org1@firms.sandbox.invalid", "identity_type": "ALIPAY_LOGON_ID", "name": "样例"}
SENDING = {"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER"}
RECEIVER = {"type": "loginName", "account": PAYEE["identity"], "name": PAYEE["name"]}
TRADE_NO = "202601012200100000000000000001"  # stands for the number of py_1, which nobody knows beforehand
SHARE = {"trans_in_type": "loginName", "trans_in": PAYEE["identity"], "amount": "1.00", "royalty_type": "transfer"}
SPLIT = {"trade_no": TRADE_NO, "out_request_no": "sp_1", "royalty_parameters": [SHARE], "royalty_mode": "async"}
# A question that each method says yes to once py_1 is paid, and one that it says no to (none where it never does).
QUESTIONS = {
    "alipay.trade.query": ({"out_trade_no": "py_1"}, {"out_trade_no": "py_0"}),
    "alipay.trade.precreate": ({**ORDER, "product_code": "FACE_TO_FACE_PAYMENT"}, {**ORDER, "product_code": "X"}),
    "alipay.trade.close": ({"out_trade_no": "py_2"}, {"out_trade_no": "py_1"}),
    "alipay.trade.cancel": ({"out_trade_no": "py_1"}, {}),
    "alipay.trade.refund": ({"out_trade_no": "py_1", "refund_amount": "100.00"}, {"out_trade_no": "py_1"}),
    "alipay.trade.fastpay.refund.query": ({"out_trade_no": "py_1", "out_request_no": "r"}, {"out_trade_no": "py_1"}),
    "alipay.trade.royalty.relation.bind": (
        {"out_request_no": "b_1", "receiver_list": [RECEIVER]},
        {"out_request_no": "b_1", "receiver_list": []},
    ),
    "alipay.trade.order.settle": (SPLIT, {**SPLIT, "out_request_no": "sp_2", "trade_no": "1"}),
    "alipay.trade.order.settle.query": (
        {"trade_no": TRADE_NO, "out_request_no": "sp_0"},
        {"trade_no": TRADE_NO, "out_request_no": "sp_x"},
    ),
    "alipay.fund.trans.uni.transfer": (
        {"out_biz_no": "tr_1", "trans_amount": "1.00", "payee_info": PAYEE, **SENDING},
        {"out_biz_no": "tr_1", "trans_amount": "0.01", "payee_info": PAYEE, **SENDING},
    ),
    "alipay.fund.trans.common.query": ({"out_biz_no": "tr_0", **SENDING}, {"out_biz_no": "tr_x", **SENDING}),
    "alipay.data.dataservice.bill.downloadurl.query": (
        {"bill_type": "trade", "bill_date": "2026-01-01"},
        {"bill_type": "trade", "bill_date": "2999-01-01"},
    ),
}


@pytest.fixture
def ready(silent):
    """Give a gateway where py_1 is paid and split, py_2 is scanned, and tr_0 was sent."""
    alipay = gateways.alipay()
    pay_at_cashier(alipay.precreate(**ordered()).qr_code, transport=silent.transport)
    with httpx.Client(transport=silent.transport) as phone:
        phone.get(alipay.precreate(**ordered("py_2")).qr_code)
    alipay.transfer(out_biz_no="tr_0", amount_fen=100, title="结算", identity=PAYEE["identity"], name=PAYEE["name"])
    alipay.bind_receiver(out_request_no="b_0", identity=PAYEE["identity"], name=PAYEE["name"])
    silent.now = datetime.now(CHINA) + timedelta(seconds=31)
    trade_no = alipay.query(out_trade_no="py_1").trade_no
    silent.sandbox.store.run("UPDATE trade SET trade_no = ? WHERE trade_no = ?", (TRADE_NO, trade_no))
    alipay.settle(trade_no=TRADE_NO, out_request_no="sp_0", shares=[Share(PAYEE["identity"], 100)])
    return silent


def signed(merchant, method, content, *, sign=None, **changes):
    fields = {
        "app_id": APP,
        "method": method,
        "charset": "utf-8",
        "format": "json",
        "version": "1.0",
        "sign_type": "RSA2",
        "timestamp": china_time(),
        "notify_url": "http://127.0.0.1:1/n/",
        "biz_content": content if isinstance(content, str) else json.dumps(content),
        **changes,
    }
    return {**fields, "sign": (sign or keys.sign)(merchant.private_key, keys.content_to_sign(fields))}


def send(gateway, fields, verb="POST"):
    with httpx.Client(transport=gateway.transport, base_url="http://127.0.0.1:8001") as client:
        if verb == "GET":
            return client.get(f"/gateway.do?{urlencode(fields)}")
        return client.post("/gateway.do", content=urlencode(fields), headers={"Content-Type": FORM})


def sub_code(answer):
    body = next(value for name, value in json.loads(answer.content).items() if name != "sign")
    return body.get("sub_code", body["code"])


def test_the_questions_are_about_every_method(gateway):
    assert set(QUESTIONS) == set(gateway.sandbox._methods)


@pytest.mark.parametrize("verb", ["GET", "POST"])
@pytest.mark.parametrize("method", QUESTIONS)
def test_the_stock_sdk_believes_every_answer(ready, merchant, sandbox_dir, monkeypatch, method, verb):
    monkeypatch.setattr(THREAD_LOCAL, "logger", None, raising=False)  # what its own sending sets first
    monkeypatch.setattr(THREAD_LOCAL, "uuid", "", raising=False)
    config = AlipayClientConfig()
    config.alipay_public_key = ensure_sandbox_keys(sandbox_dir).alipay_public
    stock = DefaultAlipayClient(config)
    for content, wanted in zip(QUESTIONS[method], ("10000", "40004"), strict=True):
        answer = send(ready, signed(merchant, method, content), verb)
        assert answer.status_code == 200
        assert json.loads(stock._DefaultAlipayClient__parse_response(answer.content))["code"] == wanted
        with pytest.raises(Exception, match=r"(?i)sign|verif"):
            stock._DefaultAlipayClient__parse_response(answer.content.replace(b'"msg":"', b'"msg":"x'))


def weak(algorithm):
    def sign(key, content):
        return base64.b64encode(key.sign(content, padding.PKCS1v15(), algorithm)).decode()

    return sign


STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
FORGERIES = {
    "SHA-1": weak(hashes.SHA1()),
    "MD5": weak(hashes.MD5()),
    "SHA-512": weak(hashes.SHA512()),
    "of a stranger": lambda key, content: keys.sign(STRANGER, content),
    "of something else": lambda key, content: keys.sign(key, content + b" "),
    "spaced base64": lambda key, content: keys.sign(key, content).replace("A", " A", 1) + "\n",
    "no base64": lambda key, content: "not base64!",
}


@pytest.mark.parametrize("name", FORGERIES)
@pytest.mark.parametrize("method", QUESTIONS)
def test_a_forged_signature_moves_nothing(ready, merchant, method, name):
    before = everything(ready)
    for verb in ("GET", "POST"):
        fields = signed(merchant, method, QUESTIONS[method][0], sign=FORGERIES[name])
        assert sub_code(send(ready, fields, verb)) == "isv.invalid-signature"
    assert everything(ready) == before


def everything(gateway):
    tables = ("account", "trade", "refund", "transfer", "receiver", "split", "share", "code", "bill_link", "notice")
    return {table: gateway.sandbox.store.all(f"SELECT * FROM {table}") for table in tables}


@pytest.mark.parametrize("method", QUESTIONS)
def test_every_altered_dropped_doubled_or_added_field_is_refused(ready, merchant, method):
    fields = signed(merchant, method, QUESTIONS[method][0])
    before = everything(ready)
    pairs = list(fields.items())
    for name, value in pairs:
        others = [pair for pair in pairs if pair[0] != name]
        for altered in ([*others, (name, value + "1")], others, [*pairs, (name, value)]):
            for verb in ("GET", "POST"):
                refused = sub_code(send(ready, altered, verb))
                assert refused.startswith("isv."), (name, refused)
    assert sub_code(send(ready, {**fields, "extra": "1"})) == "isv.invalid-signature"
    assert everything(ready) == before


@pytest.mark.parametrize("method", QUESTIONS)
def test_an_old_request_is_refused(ready, merchant, method):
    before = everything(ready)
    for minutes in (-16, 16, -480):  # the last is UTC given as China's time
        moment = china_time(datetime.now(CHINA) + timedelta(minutes=minutes))
        fields = signed(merchant, method, QUESTIONS[method][0], timestamp=moment)
        assert sub_code(send(ready, fields)) == "isv.invalid-timestamp"
    assert everything(ready) == before


ODD = [
    None,
    True,
    1.5,
    -1,
    "",
    [],
    {},
    ["x"],
    {"a": 1},
    "x" * 5000,
    "\x00",
    "'; --",
    "😀",
    10**400,
    "0001-01-01 00:00:00",
]


@pytest.mark.parametrize("method", QUESTIONS)
def test_odd_values_get_an_answer_and_never_break_the_gateway(ready, merchant, method):
    yes = QUESTIONS[method][0]
    names = {*yes, "trade_no", "time_expire", "timeout_express", "refund_reason", "order_title"}
    for name in sorted(names):
        for value in ODD:
            answer = send(ready, signed(merchant, method, {**yes, name: value}))
            assert answer.status_code == 200
            code = json.loads(answer.content)[method.replace(".", "_") + "_response"]["code"]
            assert code in {"10000", "40004"}, (name, value)
    for text in ('{"out_trade_no":"\\ud800"}', "[" * 20_000, '{"a":NaN', "null", '"x"', ""):
        code = sub_code(send(ready, signed(merchant, method, text)))
        assert code == "isv.invalid-parameter", text[:30]
    total = sum(row["balance_fen"] for row in ready.sandbox.store.all("SELECT balance_fen FROM account"))
    assert total == 10**8 + 10**11 + 10**13 + 100


def test_a_cashier_address_is_as_strict_for_phones(ready, merchant):
    url = gateways.alipay().wap_pay_url(**ordered("py_5"), return_url="http://127.0.0.1:8000/back/")
    pairs = parse_qsl(url.partition("?")[2])
    with httpx.Client(transport=ready.transport, base_url="http://127.0.0.1:8001") as phone:
        assert phone.get(url).status_code == 302
        for name, value in pairs:
            altered = urlencode([(n, v + "1" if n == name else v) for n, v in pairs])
            assert phone.get(f"/gateway.do?{altered}").status_code != 302, (name, value)
