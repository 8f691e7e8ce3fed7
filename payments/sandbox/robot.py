"""A gateway inside this process and a buyer who pays at its cashier: for seeds, robots and tests. The protocol is the real one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from .server import Sandbox, wall
from .store import PASSWORD, PAY_PASSWORD

BUYER = "rich@sandbox.invalid"
TakeNotice = Callable[[bytes, datetime | None], bool]


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


class InProcess:
    """A gateway in this process, and its buyer. `now` sets the time of both sides; None is the real time."""

    def __init__(self, folder: Path, *, app_id: str, take_notice: TakeNotice) -> None:
        self.now: datetime | None = None
        self._take_notice = take_notice
        self.sandbox = Sandbox(folder, app_id=app_id, clock=lambda: self.now or wall(), post=self._post)
        self.transport = httpx.WSGITransport(app=self.sandbox)

    def _post(self, _url: str, body: bytes) -> tuple[int, bytes]:
        return (200, b"success") if self._take_notice(body, self.now) else (400, b"failure")

    def pay(self, url: str, *, logon_id: str = BUYER, pay_password: str = PAY_PASSWORD) -> str:
        """Pay at the cashier and deliver the notice; return the address back to the merchant."""
        back = pay_at_cashier(url, logon_id=logon_id, pay_password=pay_password, transport=self.transport)
        self.sandbox.notifier.deliver_due()
        return back


def apply(raw: bytes, now: datetime | None) -> bool:
    """Take a notice as the notify address does."""
    from payments.actions import apply_notice
    from payments.models import Notice

    return apply_notice(raw_body=raw, now=now).outcome != Notice.Outcome.REFUSED


@contextmanager
def gateway_in_process(folder: Path | None = None, *, take_notice: TakeNotice = apply) -> Iterator[InProcess]:
    """Run a gateway in this process over the same data as the one with a port; payments go there until the end."""
    from payments import gateways

    running = InProcess(
        folder or Path(settings.ALIPAY_SANDBOX_DIR), app_id=settings.ALIPAY_APP_ID, take_notice=take_notice
    )
    gateways.push_transport(running.transport)
    try:
        yield running
    finally:
        gateways.pop_transport()
        running.sandbox.store.close()
