"""Stripe's own client, speaking to our views in this process; tests/payments/api/test_wire.py puts a real server between."""

from urllib.parse import urlsplit

import pytest
import stripe
from django.test import Client

from payments.actions.keys import create_api_key
from payments.api import door

BACK = "http://127.0.0.1:8000/back/"


class InProcess(stripe.HTTPClient):
    """Carry Stripe's requests to Django's test client; `seen` holds (method, path, headers sent, status, headers back)."""

    name = "in process"

    def __init__(self):
        super().__init__(async_fallback_client=None)
        self.seen = []
        self.client = Client(enforce_csrf_checks=True)

    def request(self, method, url, headers, post_data=None):
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        named = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        kind = headers.get("Content-Type", "application/octet-stream")
        answer = self.client.generic(method.upper(), target, (post_data or "").encode(), kind, headers=named)
        self.seen.append((method, target, dict(headers), answer.status_code, dict(answer.headers)))
        return answer.content.decode(), answer.status_code, answer.headers

    def close(self):
        pass


@pytest.fixture(autouse=True)
def full_buckets():
    door.forget_paces()


@pytest.fixture
def transport():
    return InProcess()


@pytest.fixture
def client_for(transport):
    """Give a function that makes a client with a key of some kind: client_for(kind=…, scopes=…)."""

    def make(secret=None, **wanted):
        if secret is None:
            _key, secret = create_api_key(name="测试", **wanted)
        return stripe.StripeClient(
            secret, base_addresses={"api": "http://testserver"}, http_client=transport, max_network_retries=0
        )

    return make


@pytest.fixture
def v1(client_for, db):
    """Give the services of a client with a secret key."""
    return client_for().v1


@pytest.fixture
def raw(db):
    """Give a function that sends bytes of our own making: raw(method, path, body, **headers) → answer."""
    _key, secret = create_api_key(name="测试")
    browser = Client(enforce_csrf_checks=True)

    def send(method, path, body=b"", *, kind="application/x-www-form-urlencoded", key=secret, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            named.setdefault("Authorization", f"Bearer {key}")
        return browser.generic(method, path, body, kind, headers=named)

    return send
