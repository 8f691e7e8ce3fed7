"""`alipay_check`: for each thing that may be wrong, the sentence that names it; and nothing wrong when nothing is."""

import base64
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.management import call_command

from payments.alipay import keys
from payments.alipay.check import Setup, check
from payments.sandbox.keys import ensure_sandbox_keys

REAL = "https://openapi.alipay.com/gateway.do"
NOTIFY = "https://pay.yingtan.gov.cn/payments/alipay/notify/"


@pytest.fixture
def setup(sandbox_dir):
    """Give settings as a city would have them, with the local gateway's keys in the place of Alipay's."""
    pair = ensure_sandbox_keys(sandbox_dir)
    return Setup(
        gateway_url=REAL,
        app_id="2021000000000001",
        seller_id="2088000000000001",
        private_key=pair.app_private,
        public_key=pair.alipay_public,
        notify_url=NOTIFY,
    )


class World:
    """Both ends in one transport: our own site, and the gateway, which may be off in its clock or absent."""

    def __init__(self, gateway):
        self.gateway, self.clock_off, self.site = gateway, timedelta(), httpx.Response(405)
        self.answer = None

    def __call__(self, request):
        if request.url.host != httpx.URL(REAL).host:
            if isinstance(self.site, Exception):
                raise self.site
            return self.site
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None and request.method == "POST":
            return self.answer
        answer = self.gateway.transport.handle_request(request)
        date = format_datetime(datetime.now(UTC) + self.clock_off, usegmt=True)
        return httpx.Response(answer.status_code, content=answer.read(), headers={"Date": date})


@pytest.fixture
def world(gateway):
    return World(gateway)


def found(setup, world):
    return {
        finding.code: (finding.level, finding.sentence)
        for finding in check(setup, transport=httpx.MockTransport(world))
    }


def bad(setup, world):
    return {code: sentence for code, (level, sentence) in found(setup, world).items() if level != "ok"}


def test_nothing_is_wrong_when_nothing_is(setup, world):
    seen = found(setup, world)
    assert {level for level, _ in seen.values()} == {"ok"}
    assert set(seen) == {"app_id", "seller_id", "private_key", "public_key", "notify_url", "clock", "query"}


def another():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"app_id": 2021000000000001}, "app_id", "数字类型"),
        ({"app_id": "2088000000000001"}, "app_id", "不是应用号"),
        ({"app_id": " 2021000000000001"}, "app_id", "空白"),
        ({"app_id": ""}, "app_id", "没有填写"),
        ({"app_id": "20210000"}, "app_id", "十六位"),
        ({"app_id": "２０２１０００００００００００１"}, "app_id", "十六位"),
        ({"seller_id": "2021000000000001"}, "seller_id", "2088"),
        ({"seller_id": None}, "seller_id", "数字类型"),
        ({"private_key": ""}, "private_key", "没有填写"),
        ({"private_key": "MIIE*"}, "private_key", "base64"),
        ({"public_key": ""}, "public_key", "没有填写"),
        ({"public_key": "AAAA"}, "public_key", "不是公钥"),
        ({"gateway_url": "openapi.alipay.com/gateway.do"}, "gateway_url", "完整"),
        ({"gateway_url": "http://127.0.0.1:80x/gateway.do"}, "gateway_url", "完整"),
        ({"gateway_url": "http://openapi.alipay.com/gateway.do"}, "gateway_url", "明文"),
        ({"gateway_url": "https://openapi.alipaydev.com/gateway.do"}, "gateway_url", "openapi-sandbox.dl"),
        ({"gateway_url": "https://openapi.alipay.com/"}, "gateway_url", "/gateway.do"),
        ({"gateway_url": "http://127.0.0.1:8001/gateway.do"}, "gateway_url", "本机"),
        ({"is_local": True, "notify_url": "http://127.0.0.1:8000/n/"}, "gateway_url", "没有配置密钥"),
        ({"notify_url": "/payments/alipay/notify/"}, "notify_url", "ALIPAY_NOTIFY_BASE_URL"),
        ({"notify_url": "http://127.0.0.1:8000/n/"}, "notify_url", "外网"),
        ({"notify_url": "http://192.168.1.5/n/"}, "notify_url", "外网"),
        ({"notify_url": "http://[::1]/n/"}, "notify_url", "外网"),
        ({"notify_url": "http://web/n/"}, "notify_url", "外网"),
        ({"notify_url": f"{NOTIFY}?a=1"}, "notify_url", "参数"),
        (
            {"is_local": True, "gateway_url": "http://127.0.0.1:8001/gateway.do"},
            "notify_url",
            "只通知本机",
        ),
    ],
)
def test_what_can_be_seen_is_named(setup, world, changes, code, words):
    seen = bad(replace(setup, **changes), world)
    assert words in seen[code]


def test_the_wrong_key_in_the_wrong_place_is_named(setup, world):
    own = keys.to_pem(keys.private_key(setup.private_key).public_key())
    assert "我们自己的应用公钥" in bad(replace(setup, public_key=own), world)["own_public_key"]
    assert "是一把公钥" in bad(replace(setup, private_key=own), world)["private_key"]
    swapped = bad(replace(setup, public_key=setup.private_key), world)["public_key"]
    assert "私钥" in swapped
    body = "".join(setup.private_key.splitlines()[1:-1])
    assert body[:40] not in json.dumps(swapped)
    mangled = base64.b64encode(base64.b64decode(body)[:-30]).decode()
    assert "PKCS" in bad(replace(setup, private_key=mangled), world)["private_key"]
    assert bad(replace(setup, private_key=body), world) == {}  # bare PKCS#8 is as good
    short = keys.to_pem(rsa.generate_private_key(public_exponent=65537, key_size=1024))
    assert "2048" in bad(replace(setup, private_key=short), world)["private_key"]


def test_a_private_key_that_alipay_does_not_know_is_named_with_the_public_one_to_upload(setup, world):
    mine = another()
    seen = bad(replace(setup, private_key=keys.to_pem(mine)), world)
    assert set(seen) == {"private_key"}
    sent = seen["private_key"].rsplit(" ", 1)[1]
    assert keys.public_key(sent).public_numbers() == mine.public_key().public_numbers()


def test_a_public_key_that_is_not_alipays_is_named(setup, world):
    foreign = keys.to_pem(another().public_key())
    assert "ALIPAY_PUBLIC_KEY 对不上" in bad(replace(setup, public_key=foreign), world)["public_key"]
    both = replace(setup, public_key=foreign, private_key=keys.to_pem(another()))
    assert set(bad(both, world)) == {"public_key", "private_key"}


def test_an_unknown_app_and_a_clock_that_is_off_are_named(setup, world):
    assert (
        "不认识应用号 2021000000000009" in bad(replace(setup, app_id="2021000000000009"), world)["isv.invalid-app-id"]
    )
    world.clock_off = timedelta(seconds=-100)
    assert re.search(r"快 10[0-9] 秒，请校准", bad(setup, world)["clock"])
    world.clock_off = timedelta(hours=8)
    assert found(setup, world)["clock"][0] == "error"


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (httpx.ConnectError("[Errno -2] Name or service not known"), "unreachable", "域名"),
        (httpx.ConnectError("Connection refused"), "unreachable", "连不上"),
        (httpx.ConnectTimeout("x"), "unreachable", "超时"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"), "unreachable", "TLS"),
        (httpx.Response(200, text="<html>"), "not_alipay", "不像支付宝"),
        (httpx.Response(404), "not_alipay", "404"),
    ],
)
def test_an_address_where_nobody_or_somebody_else_answers_is_named(setup, world, answer, code, words):
    world.answer = answer
    assert words in bad(setup, world)[code]


@pytest.mark.parametrize(
    ("fields", "code", "level"),
    [
        (
            {"code": "40006", "sub_code": "isv.insufficient-isv-permissions"},
            "isv.insufficient-isv-permissions",
            "error",
        ),
        ({"code": "40002", "sub_code": "isv.something-new"}, "query", "error"),
        ({"code": "20000", "sub_code": "isp.unknow-error"}, "query", "warning"),
        ({"code": "10003", "msg": "order success pay inprocess"}, "query", "warning"),
    ],
)
def test_what_alipay_refuses_is_passed_on(setup, world, sandbox_dir, fields, code, level):
    content = json.dumps(fields).encode()
    sign = keys.sign(keys.private_key(ensure_sandbox_keys(sandbox_dir).alipay_private), content)
    body = b'{"alipay_trade_query_response":%s,"sign":"%s"}' % (content, sign.encode())
    world.answer = httpx.Response(200, content=body)
    assert found(setup, world)[code][0] == level


@pytest.mark.parametrize(
    ("site", "level", "words"),
    [
        (httpx.ConnectError("refused"), "warning", "连不上"),
        (httpx.Response(301, headers={"Location": "https://elsewhere.invalid/"}), "error", "跳转"),
        (httpx.Response(404), "error", "404"),
        (httpx.Response(200), "error", "200"),
    ],
)
def test_the_notify_address_is_visited(setup, world, site, level, words):
    world.site = site
    seen = found(setup, world)["notify_url"]
    assert (seen[0], words in seen[1]) == (level, True)


def test_the_command_says_it_and_ends_with_one(gateway, settings):
    settings.ALIPAY_GATEWAY_URL = "http://127.0.0.1:8001/gateway.do"
    settings.ALIPAY_NOTIFY_BASE_URL = "http://127.0.0.1:1"  # the gateway in this process answers there, by another page
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("alipay_check", stdout=out, no_color=True)
    assert ended.value.code == 1
    assert "✗ 通知地址 http://127.0.0.1:1/payments/alipay/notify/ 回答 404" in out.getvalue()
    assert "✓ 支付宝接受了我们的签名" in out.getvalue()
    assert "共 1 处错误，0 处提醒。" in out.getvalue()
    for secret in ("PRIVATE KEY", "".join(ensure_sandbox_keys(settings.ALIPAY_SANDBOX_DIR).app_private.split()[3:5])):
        assert secret not in out.getvalue()


def test_in_production_missing_keys_are_missing(gateway, settings):
    settings.PRODUCTION = True
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("alipay_check", stdout=out, no_color=True)
    assert "✗ ALIPAY_APP_PRIVATE_KEY 没有填写" in out.getvalue()
    assert "✗ ALIPAY_PUBLIC_KEY 没有填写" in out.getvalue()
