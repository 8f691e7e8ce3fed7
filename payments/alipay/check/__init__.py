"""What is wrong with our connection to Alipay, in sentences: ids, keys, certificates, addresses, and one harmless question."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from .addresses import check_addresses, check_notify_address
from .certificates import check_certificates
from .conversation import converse
from .findings import Finding, Setup
from .papers import check_ids, check_keys

__all__ = ["Finding", "Setup", "check"]


def check(setup: Setup, *, transport: httpx.BaseTransport | None = None) -> Iterator[Finding]:
    """Look at everything that can be looked at without asking, then ask; what depends on a broken part is left out."""
    yield from check_ids(setup)
    pair = yield from check_keys(setup)
    yield from check_certificates(setup, pair.private if pair else None)
    may_ask = yield from check_addresses(setup)
    with httpx.Client(timeout=10, transport=transport, trust_env=False, follow_redirects=False) as http:
        yield from check_notify_address(setup, http)
        if pair and may_ask:
            yield from converse(setup, pair, http, transport)
