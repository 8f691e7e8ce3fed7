"""The contract with the official SDK: its version, the names we replace, and what goes over the wire."""

import importlib.metadata
import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient

from payments import gateways
from payments.alipay import client, keys
from payments.alipay.answers import Rejected, Unknown, to_amount, to_fen
from payments.alipay.gateway import Gateway, clean_subject

WHEN = datetime(2026, 5, 1, 16, 30, tzinfo=UTC)


def gateway_over(merchant, handle):
    return Gateway(
        client.Client(
            server_url="http://127.0.0.1:8001/gateway.do",
            app_id=merchant.app_id,
            app_private_key=merchant.private_key,
            alipay_public_key=merchant.alipay_public_key,
            transport=httpx.MockTransport(handle),
        )
    )


def test_the_sdk_is_the_version_whose_private_names_we_replace():
    assert importlib.metadata.version("alipay-sdk-python") == client.SDK_VERSION
    for name in (
        "prepare_request",
        "prepare_request_params",
        "get_common_params",
        "remove_common_params",
        "parse_response",
    ):
        assert callable(getattr(DefaultAlipayClient, f"_DefaultAlipayClient__{name}"))


def test_the_cashier_address_is_signed_in_china_time_with_string_amounts(merchant, sandbox_dir):
    url = gateways.alipay().page_pay_url(
        out_trade_no="py_1",
        amount_fen=8880,
        subject="测绘/=&第一期",
        body="pi_1",
        time_expire=WHEN,
        notify_url="http://127.0.0.1:8000/n/",
        return_url="http://127.0.0.1:8000/r/",
    )
    fields = dict(parse_qsl(urlsplit(url).query))
    app_public = merchant.private_key.public_key()
    assert keys.verify(app_public, keys.content_to_sign(fields), fields["sign"])
    assert fields["sign_type"] == "RSA2"
    content = json.loads(fields["biz_content"])
    assert content == {
        "out_trade_no": "py_1",
        "total_amount": "88.80",
        "subject": "测绘   第一期",
        "body": "pi_1",
        "product_code": "FAST_INSTANT_TRADE_PAY",
        "time_expire": "2026-05-02 00:30:00",
    }
    sent = datetime.strptime(fields["timestamp"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=client.CHINA)
    assert abs((datetime.now(UTC) - sent).total_seconds()) < 10


def refuse_to_connect(request):
    raise httpx.ConnectError("nobody there")


def time_out(request):
    raise httpx.ReadTimeout("too slow")


@pytest.mark.parametrize(
    "handle",
    [
        refuse_to_connect,
        time_out,
        lambda request: httpx.Response(502, text="bad gateway"),
        lambda request: httpx.Response(200, text="<html>"),
        lambda request: httpx.Response(200, text='{"alipay_trade_query_response":{"code":"10000"},"sign":"AAAA"}'),
        lambda request: httpx.Response(200, text='{"error_response":{"code":"40002"}}'),
    ],
)
def test_whatever_goes_wrong_after_sending_is_unknown(merchant, handle):
    assert isinstance(gateway_over(merchant, handle).query(out_trade_no="py_1"), Unknown)


def signed(folder, code, sub_code):
    pair = (folder / "keys" / "alipay_private.pem").read_text()
    content = json.dumps(
        {"code": code, "msg": "x", "sub_code": sub_code, "sub_msg": "说明"}, ensure_ascii=False
    ).encode()
    sign = keys.sign(keys.private_key(pair), content)
    return b'{"alipay_trade_query_response":%s,"sign":"%s"}' % (content, sign.encode())


@pytest.mark.parametrize(
    ("code", "sub_code", "kind"),
    [
        ("40004", "ACQ.TRADE_NOT_EXIST", Rejected),
        ("40004", "ACQ.SYSTEM_ERROR", Unknown),
        ("20000", "isp.unknow-error", Unknown),
        ("10003", "", Unknown),
        ("40002", "isv.invalid-signature", Unknown),
    ],
)
def test_only_a_business_answer_is_a_no(merchant, sandbox_dir, code, sub_code, kind):
    body = signed(sandbox_dir, code, sub_code)
    answer = gateway_over(merchant, lambda request: httpx.Response(200, content=body)).query(out_trade_no="py_1")
    assert isinstance(answer, kind)


def test_amounts_are_exact():
    assert to_amount(1) == "0.01"
    assert to_amount(10**10) == "100000000.00"
    assert to_fen("88.80") == 8880
    assert to_fen("88.8") == 8880
    for wrong in (0, -1, 10**10 + 1):
        with pytest.raises(ValueError, match="amount"):
            to_amount(wrong)
    for text in ("0.001", "x", "", "-1"):
        with pytest.raises(ValueError, match="amount"):
            to_fen(text)


def test_a_subject_is_never_empty():
    assert clean_subject("/=&") == "付款"
