"""What is wrong with our connection to Alipay, in sentences: ids, keys, certificates, addresses, and one harmless question."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from .addresses import check_addresses, check_notify_address
from .certificates import check_certificates
from .conversation import converse
from .findings import Finding, Pair, Setup
from .papers import check_ids, check_private_key, check_public_key

__all__ = ["Finding", "Setup", "check"]


def check(setup: Setup, *, transport: httpx.BaseTransport | None = None) -> Iterator[Finding]:
    """Look at everything that can be looked at without asking, then ask; what depends on a broken part is left out."""
    yield from check_ids(setup)
    private = yield from check_private_key(setup)
    papers = yield from check_certificates(setup, private)
    public = yield from check_public_key(setup, private, papers)
    may_ask = yield from check_addresses(setup)
    with httpx.Client(timeout=10, transport=transport, trust_env=False, follow_redirects=False) as http:
        yield from check_notify_address(setup, http)
        if private and public and may_ask:
            yield from converse(setup, Pair(private, public, papers), http, transport)
