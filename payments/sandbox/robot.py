"""A gateway inside this process and a buyer who pays at its cashier: for seeds, robots and tests. The protocol is the real one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from .server import Sandbox, wall
from .store import PASSWORD, PAY_PASSWORD

BUYER = "rich@sandbox.invalid"


def pay_at_cashier(
    url: str, *, logon_id: str = BUYER, pay_password: str = PAY_PASSWORD, transport: httpx.BaseTransport | None = None
) -> str:
    """Follow a cashier address as a buyer does: log in, pay; return the signed address back to the merchant.

    Raises RuntimeError with the cashier's sentence when it refuses.
    """
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    with httpx.Client(base_url=origin, transport=transport, trust_env=False, follow_redirects=True) as browser:
        page = browser.get(url)
        steps = (
            ("login", {"logon_id": logon_id, "password": PASSWORD}),
            ("pay", {"pay_password": pay_password}),
        )
        for verb, form in steps:
            if page.status_code == 200:
                page = browser.post(f"{page.url.path.rstrip('/')}/{verb}", data=form)
        if page.status_code != 200:
            words = re.search(r'role="alert">([^<]+)<', page.text)
            raise RuntimeError(words[1].strip() if words else f"the cashier answered {page.status_code}")
        found = re.search(r'data-return href="([^"]+)"', page.text)
        return found[1].replace("&amp;", "&") if found else ""


@contextmanager
def gateway_in_process(
    folder: Path, *, app_id: str, take_notice: Callable[[bytes], bool], clock: Callable[[], datetime] = wall
) -> Iterator[InProcess]:
    """Run a gateway in this process. `take_notice` gets each raw notice and tells whether it was taken."""
    from payments import gateways

    def post(_url: str, body: bytes) -> tuple[int, bytes]:
        return (200, b"success") if take_notice(body) else (400, b"failure")

    sandbox = Sandbox(folder, app_id=app_id, clock=clock, post=post)
    transport = httpx.WSGITransport(app=sandbox)
    gateways.push_transport(transport)
    try:
        yield InProcess(sandbox, transport)
    finally:
        gateways.pop_transport()
        sandbox.store.close()


class InProcess:
    """A gateway in this process, and its buyer."""

    def __init__(self, sandbox: Sandbox, transport: httpx.WSGITransport) -> None:
        self.sandbox, self._transport = sandbox, transport

    def pay(self, url: str, *, logon_id: str = BUYER, pay_password: str = PAY_PASSWORD) -> str:
        """Pay at the cashier and deliver the notice; return the address back to the merchant."""
        back = pay_at_cashier(url, logon_id=logon_id, pay_password=pay_password, transport=self._transport)
        self.sandbox.notifier.deliver_due()
        return back
