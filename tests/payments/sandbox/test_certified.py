"""Certificate mode between the adapter and the local gateway: asked by number, answered by number, refused by number."""

import io
import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import THREAD_LOCAL, DefaultAlipayClient
from alipay.aop.api.exception.Exception import ResponseException
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from payments import gateways
from payments.alipay import keys, notify
from payments.alipay.answers import Rejected, Transferred, Unknown
from payments.alipay.client import CertificateDiffers, Client, SignatureRefused
from payments.sandbox.certificates import ensure_sandbox_certificates
from payments.sandbox.keys import ensure_sandbox_keys
from tests.payments.conftest import APP, order
from tests.payments.test_sandbox import ask, code_of

TRANSFER = {"out_biz_no": "tr_1", "amount_fen": 100, "title": "结算", "identity": "org1@firms.sandbox.invalid"}


@pytest.fixture
def certified(silent, sandbox_dir, settings):
    """Give a gateway, and settings that ask it in certificate mode; Alipay's public key is configured nowhere."""
    files = ensure_sandbox_certificates(sandbox_dir, app_id=APP)
    settings.ALIPAY_APP_PRIVATE_KEY = ensure_sandbox_keys(sandbox_dir).app_private
    settings.ALIPAY_APP_CERT, settings.ALIPAY_CERT = str(files.app_cert), files.alipay_cert.read_text()
    settings.ALIPAY_ROOT_CERT = str(files.root_cert)
    silent.papers = gateways.merchant().certificates
    return silent


def listened(gateway, change=lambda content: content):
    """Give the adapter over a transport that changes answers, and the list of what it was asked and has answered."""
    seen = []

    def handle(request):
        answer = gateway.transport.handle_request(request)
        body = change(answer.read())
        seen.append((dict(parse_qsl(request.url.query.decode())), body))
        return httpx.Response(answer.status_code, content=body)

    me = gateways.merchant()
    client = Client(
        server_url="http://127.0.0.1:8001/gateway.do",
        app_id=me.app_id,
        app_private_key=me.private_key,
        alipay_public_key=me.alipay_public_key,
        certificates=me.certificates,
        transport=httpx.MockTransport(handle),
    )
    return gateways.Gateway(client), seen


def test_transfers_go_through_it_when_it_is_configured(certified):
    gateway, seen = listened(certified)
    sent = gateway.transfer(**TRANSFER, name="样例")
    assert isinstance(sent, Transferred)
    assert sent.status == "SUCCESS"
    asked, body = seen[0]
    assert {name: asked[name] for name in certified.papers.in_requests} == certified.papers.in_requests
    assert list(json.loads(body)) == [
        "alipay_fund_trans_uni_transfer_response",
        "sign",
        "alipay_cert_sn",
    ]
    assert gateways.alipay().transfer_query(out_biz_no="tr_1") == sent


def test_the_cashier_takes_addresses_of_certificate_mode(certified):
    url = order()
    assert dict(parse_qsl(urlsplit(url).query))["app_cert_sn"] == certified.papers.app_number
    certified.pay(url)
    assert gateways.alipay().query(out_trade_no="py_1").is_paid


def test_refusals_are_numbered_too(certified):
    gateway, seen = listened(certified)
    assert isinstance(gateway.query(out_trade_no="py_0"), Rejected)
    assert json.loads(seen[0][1])["alipay_cert_sn"] == certified.papers.alipay_number


def test_the_number_may_stand_before_the_signature(certified):
    certified.sandbox.faults.set("cert_sn_before_sign", times=None)
    gateway, seen = listened(certified)
    assert isinstance(gateway.query(out_trade_no="py_0"), Rejected)
    assert list(json.loads(seen[0][1]))[1:] == ["alipay_cert_sn", "sign"]


def test_the_stock_sdk_believes_numbered_answers_when_the_number_comes_last(certified, sandbox_dir, monkeypatch):
    monkeypatch.setattr(THREAD_LOCAL, "logger", None, raising=False)  # what its own sending sets first
    monkeypatch.setattr(THREAD_LOCAL, "uuid", "", raising=False)
    config = AlipayClientConfig()
    config.alipay_public_key = ensure_sandbox_keys(sandbox_dir).alipay_public
    stock = DefaultAlipayClient(config)
    gateway, seen = listened(certified)
    gateway.query(out_trade_no="py_0")
    assert "ACQ.TRADE_NOT_EXIST" in stock._DefaultAlipayClient__parse_response(seen[0][1])
    certified.sandbox.faults.set("cert_sn_before_sign")
    gateway.query(out_trade_no="py_0")
    with pytest.raises(ResponseException, match="shape"):
        stock._DefaultAlipayClient__parse_response(seen[1][1])


def test_notices_are_signed_with_the_key_of_alipays_certificate(certified):
    taken = []
    certified._take_notice = lambda raw, now: taken.append(raw) or True
    certified.pay(order())
    me = gateways.merchant()
    notice = notify.read(taken[0], public_key=me.alipay_public_key, app_id=me.app_id, seller_id=me.seller_id)
    assert (notice.out_trade_no, notice.trade_status) == ("py_1", "TRADE_SUCCESS")


def test_an_answer_under_another_certificate_is_unknown_and_one_without_is_judged_by_its_signature(certified):
    number = certified.papers.alipay_number.encode()
    gateway, seen = listened(certified, lambda body: body.replace(number, b"0" * 32))
    assert isinstance(gateway.query(out_trade_no="py_0"), Unknown)
    with pytest.raises(CertificateDiffers, match="0" * 32):
        gateway._client._DefaultAlipayClient__parse_response(seen[0][1])
    gateway, _ = listened(certified, lambda body: body.replace(b',"alipay_cert_sn":"%s"' % number, b""))
    assert isinstance(gateway.query(out_trade_no="py_0"), Rejected)
    gateway, seen = listened(certified, lambda body: body.replace("交易不存在".encode(), "交易存在".encode()))
    assert isinstance(gateway.query(out_trade_no="py_0"), Unknown)
    with pytest.raises(SignatureRefused):
        gateway._client._DefaultAlipayClient__parse_response(seen[0][1])


@pytest.mark.parametrize("change", ["app_cert_sn", "alipay_root_cert_sn"])
def test_half_a_set_or_other_numbers_are_refused_and_move_nothing(certified, merchant, change):
    numbers = certified.papers.in_requests
    half = {name: value for name, value in numbers.items() if name != change}
    missing = f"isv.missing-{change.replace('_', '-')}"
    assert code_of(ask(certified, merchant, **half)) == ("40001", missing)
    wrong = {"app_cert_sn": "isv.app-cert-not-exist", "alipay_root_cert_sn": "isv.invalid-alipay-root-cert-sn"}
    assert code_of(ask(certified, merchant, **{**numbers, change: "0" * 32})) == ("40002", wrong[change])
    assert code_of(ask(certified, merchant, **numbers)) == ("40004", "ACQ.TRADE_NOT_EXIST")


def test_the_numbers_are_part_of_what_is_signed(certified, merchant):
    numbers = certified.papers.in_requests

    def sign_without(fields):
        bare = {name: value for name, value in fields.items() if name not in numbers}
        return keys.sign(merchant.private_key, keys.content_to_sign(bare))

    assert code_of(ask(certified, merchant, sign=sign_without, **numbers)) == ("40002", "isv.invalid-signature")


def test_without_certificates_nothing_is_numbered(silent, merchant):
    assert set(ask(silent, merchant)) == {"alipay_trade_query_response", "sign"}
    assert merchant.certificates is None


def test_wrong_certificates_stop_payments_in_words(certified, settings, sandbox_dir):
    settings.ALIPAY_ROOT_CERT = ""
    with pytest.raises(ImproperlyConfigured, match="all three"):
        gateways.merchant()


def check():
    out = io.StringIO()
    try:
        call_command("alipay_check", stdout=out)
    except SystemExit:
        out.write("ended with 1")
    return out.getvalue()


def test_the_check_command_speaks_it_and_says_what_is_wrong(certified, settings, sandbox_dir, tmp_path):
    settings.ALIPAY_NOTIFY_BASE_URL = "https://pay.example.com"
    assert "✓ 支付宝接受了我们的签名" in check()

    ours, theirs = settings.ALIPAY_APP_CERT, settings.ALIPAY_CERT
    settings.ALIPAY_CERT = ours
    assert "✗ ALIPAY_CERT 是我们自己的应用证书" in check()
    settings.ALIPAY_CERT = theirs

    other = tmp_path / "other"
    foreign = ensure_sandbox_certificates(other, app_id=APP)
    settings.ALIPAY_CERT, settings.ALIPAY_ROOT_CERT = str(foreign.alipay_cert), str(foreign.root_cert)
    words = check()
    assert "✗ ALIPAY_APP_CERT 不是所配置的根证书签发的" in words

    settings.ALIPAY_APP_CERT = str(foreign.app_cert)
    settings.ALIPAY_APP_PRIVATE_KEY = ensure_sandbox_keys(other).app_private
    words = check()
    assert "✗ 支付宝没有登记 ALIPAY_APP_CERT 这张证书" in words
    assert f"应答用的支付宝证书是 {certified.papers.alipay_number}" in words
    assert words.endswith("ended with 1")


def test_another_key_under_the_right_number_is_not_believed(certified):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    me = gateways.merchant()
    client = Client(
        server_url="http://127.0.0.1:8001/gateway.do",
        app_id=me.app_id,
        app_private_key=me.private_key,
        alipay_public_key=me.alipay_public_key,
        certificates=replace(me.certificates, alipay_key=stranger.public_key()),
        transport=certified.transport,
    )
    assert isinstance(gateways.Gateway(client).query(out_trade_no="py_0"), Unknown)
