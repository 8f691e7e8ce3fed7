"""The local gateway on the wire: the stock SDK, notices, a real port."""

import io
import socket
import threading
import time
from urllib.parse import parse_qsl

import httpx
import pytest
import uvicorn
from alipay.aop.api.util.SignatureUtils import verify_with_rsa
from django.core.management import CommandError, call_command

from payments import gateways
from payments.alipay import keys
from payments.alipay.client import china_time
from payments.sandbox.keys import ensure_sandbox_keys
from payments.sandbox.notifier import is_loopback
from payments.sandbox.robot import pay_at_cashier
from payments.sandbox.server import Sandbox
from tests.payments.conftest import APP, order


def test_the_stock_sdk_believes_every_answer(gateway, merchant, sandbox_dir):
    public = ensure_sandbox_keys(sandbox_dir).alipay_public
    with httpx.Client(transport=gateway.transport, base_url="http://127.0.0.1:8001") as client:
        fields = {
            "app_id": APP,
            "method": "alipay.trade.query",
            "charset": "utf-8",
            "format": "json",
            "version": "1.0",
            "sign_type": "RSA2",
            "timestamp": china_time(),
            "biz_content": '{"out_trade_no":"py_1"}',
        }
        fields["sign"] = keys.sign(merchant.private_key, keys.content_to_sign(fields))
        body = client.get("/gateway.do", params=fields).content
    content, sign = body.removeprefix(b'{"alipay_trade_query_response":').rsplit(b',"sign":"', 1)
    text = public.replace("-----BEGIN PUBLIC KEY-----\n", "").replace("\n-----END PUBLIC KEY-----\n", "")
    assert verify_with_rsa(text, content, sign.removesuffix(b'"}').decode())


def test_notices_go_to_this_machine_only(gateway):
    for url in (
        "http://10.0.0.1/n/",
        "http://example.invalid/",
        "ftp://127.0.0.1/",
        "http://127.0.0.1.example.invalid/",
    ):
        assert not is_loopback(url)
    for url in ("http://127.0.0.1:8000/n/", "http://localhost/n/", "http://[::1]:8000/n/"):
        assert is_loopback(url)
    pay_at_cashier(order(notify_url="http://10.0.0.1/n/"), transport=gateway.transport)
    gateway.sandbox.notifier.deliver_due()
    assert gateway.sandbox.store.one("SELECT * FROM notice")["answer"] == "refused target"


def test_a_notice_is_repeated_eight_times(sandbox_dir):
    seen = []

    def post(url, body):
        seen.append(dict(parse_qsl(body.decode())))
        return 200, b"Success"  # not the seven bytes

    sandbox = Sandbox(sandbox_dir, app_id=APP, speed=1e9, post=post)
    gateways.push_transport(httpx.WSGITransport(app=sandbox))
    try:
        pay_at_cashier(order(), transport=gateways._transports[-1])
        for _ in range(12):
            sandbox.notifier.deliver_due()
            time.sleep(0.001)
    finally:
        gateways.pop_transport()
        sandbox.store.close()
    assert len(seen) == 8
    assert len({fields["notify_id"] for fields in seen}) == 1
    assert "" not in seen[0].values()


def test_over_a_real_port(sandbox_dir, settings):
    """Play it as the demo does: uvicorn, the SDK's requests over TCP, the notice posted by the notifier's thread."""
    notices, come = [], threading.Event()

    def post(url, body):
        notices.append((url, body))
        come.set()
        return 200, b"success"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sandbox = Sandbox(sandbox_dir, app_id=APP, post=post)
    config = uvicorn.Config(
        sandbox.asgi, host="127.0.0.1", port=port, interface="asgi3", lifespan="off", log_level="error", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    sending = sandbox.notifier.start()
    try:
        while not server.started:
            time.sleep(0.01)
        settings.ALIPAY_GATEWAY_URL = f"http://127.0.0.1:{port}/gateway.do"
        pay_at_cashier(order())
        assert gateways.alipay().query(out_trade_no="py_1").is_paid
        assert come.wait(10)
        assert notices[0][0] == "http://127.0.0.1:1/n/"
        assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200
    finally:
        sandbox.notifier.stop()
        server.should_exit = True
        thread.join()
        sending.join()
        sandbox.store.close()
        for kept in gateways._clients.values():
            kept._client._http.close()
        gateways._clients.clear()


def test_it_does_not_run_by_accident(settings):
    settings.DEMO = settings.DEBUG = False
    with pytest.raises(CommandError, match="DEMO"):
        call_command("alipay_sandbox", stdout=io.StringIO())
