"""The local identity provider as a process of its own, and a browser's way through it."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
from django.urls import reverse

from marketplace.accounts.sandbox import roster

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "sandbox-river-5"
CLIENTS = {
    "person": {"client_id": "marketplace-person", "secret": "person-secret"},
    "legal": {"client_id": "marketplace-legal", "secret": "legal-secret"},
}
CODE = "91360600MA35EXAMP0"


@contextmanager
def identity_provider(folder: Path) -> Iterator[SimpleNamespace]:
    """Run `python -m marketplace.accounts.sandbox` on a free port of loopback."""
    from servers import child, free_port, wait_for  # ops/servers.py

    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    clients = {kind: {**client, "issuer": issuer} for kind, client in CLIENTS.items()}
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        "PYTHONPATH": str(ROOT),
        "PRODUCTION": "0",
        "IDENTITY_SANDBOX_DIR": str(folder),
        "IDENTITY_SANDBOX_ISSUER": issuer,
        "IDENTITY_SANDBOX_CLIENTS": json.dumps(clients),
        "IDENTITY_SANDBOX_RETURNS": json.dumps(["http://testserver"]),
        "IDENTITY_SANDBOX_PASSWORD": PASSWORD,
    }
    command = [sys.executable, "-m", "marketplace.accounts.sandbox", str(port)]
    with ExitStack() as stack:
        process = stack.enter_context(child(command, folder=folder, who={"env": environment}, end=15))
        wait_for(process, port, folder=folder, name="identity provider", seconds=120)
        yield SimpleNamespace(issuer=issuer, clients=clients, folder=folder)


def holder(key, among=roster.FEW):
    """Return the subject of one of the provider's people."""
    return next(one.subject for one in among if one.key == key)


def to_provider(client, kind, *, onward=""):
    """Press the button of the sign-in page and return the address at the provider that it leads to."""
    answer = client.post(reverse("openid_connect_login", args=[kind]), {"next": onward} if onward else {})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def at_provider(address, who, among=roster.FEW):
    """Sign in at the provider as somebody and return the address on our site that it leads back to."""
    base = "{0.scheme}://{0.netloc}".format(urlsplit(address))
    with httpx.Client(base_url=base) as browser:
        page = browser.get(address, follow_redirects=True)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text).group(1)
        words = {
            "csrfmiddlewaretoken": token,
            "next": page.url.params["next"],
            "holder": holder(who, among),
            "password": PASSWORD,
        }
        answer = browser.post("/choose/", data=words, headers={"Referer": str(page.url)})
        for _step in range(3):
            assert answer.status_code == 302, answer.text
            if answer.headers["Location"].startswith("http://testserver/"):
                return answer.headers["Location"].removeprefix("http://testserver")
            answer = browser.get(answer.headers["Location"])
    raise AssertionError(f"The provider never led back: {answer.status_code} {answer.text}")


def come_by(client, kind, who, *, onward="", among=roster.FEW):
    """Go the whole way by the unified identity and return our answer to its end."""
    return client.get(at_provider(to_provider(client, kind, onward=onward), who, among))


def user_of(client):
    return client.session.get("_auth_user_id")
