"""The local gateway on a port of its own, served as the demo serves it."""

import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn

from payments import gateways
from payments.sandbox.server import Sandbox
from tests.payments.conftest import APP


@dataclass
class Served:
    """A gateway on a port, and the notices that it has posted; `come` is set by the first."""

    sandbox: Sandbox
    origin: str
    notices: list = field(default_factory=list)
    come: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serve(sandbox_dir):
    notices, come = [], threading.Event()

    def post(url, body):
        notices.append((url, body))
        come.set()
        return 200, b"success"

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    sandbox = Sandbox(sandbox_dir, app_id=APP, post=post)
    config = uvicorn.Config(sandbox.asgi, interface="asgi3", lifespan="off", log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    sending = sandbox.notifier.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Served(sandbox, f"http://127.0.0.1:{listening.getsockname()[1]}", notices, come)
    finally:
        sandbox.notifier.stop()
        server.should_exit = True
        thread.join()
        sending.join()
        sandbox.store.close()
        listening.close()


@pytest.fixture
def served(sandbox_dir, settings):
    with serve(sandbox_dir) as running:
        settings.ALIPAY_GATEWAY_URL = f"{running.origin}/gateway.do"
        yield running
        for kept in gateways._clients.values():
            kept._client._http.close()
        gateways._clients.clear()
