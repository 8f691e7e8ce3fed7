"""The public random beacon: a value that nobody, the operator included, knows before its hour.

Speaks the HTTP interface of drand (https://docs.drand.love): `/{chain}/info` and `/{chain}/public/{round}`. Without
settings.BEACON_URL draws do without a beacon and say so. The round is fixed and published before sign-ups end, so a relay
could only withhold it, and anybody can compare the value with another relay's; its signature is checked as far as the
randomness being its SHA-256.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import httpx
from django.conf import settings

TIMEOUT_SECONDS = 3.0
NONE: dict[str, Any] = {"source": "", "round": 0, "value": ""}


class Unreachable(Exception):
    """Be raised when the beacon does not answer, or not as its interface says."""


def plan(moment: datetime) -> dict[str, Any]:
    """Return {"source", "round", "value": ""} of the first round that is published after `moment`; raises Unreachable."""
    if not settings.BEACON_URL:
        return dict(NONE)
    info = _get("info")
    try:
        period, genesis, chain = int(info["period"]), int(info["genesis_time"]), str(info["hash"])
    except (KeyError, TypeError, ValueError) as error:
        raise Unreachable("the beacon's description is not drand's") from error
    if settings.BEACON_CHAIN and chain != settings.BEACON_CHAIN:
        raise Unreachable(f"the beacon serves chain {chain}, not {settings.BEACON_CHAIN}")
    if period < 1:
        raise Unreachable("the beacon's period is not positive")
    return {"source": f"drand {chain}", "round": (int(moment.timestamp()) - genesis) // period + 2, "value": ""}


def value(number: int) -> str:
    """Return the randomness of a round as 64 hexadecimal digits; raises Unreachable while it is not public."""
    answer = _get(f"public/{number}")
    randomness, signature = str(answer.get("randomness", "")), str(answer.get("signature", ""))
    try:
        fits = hashlib.sha256(bytes.fromhex(signature)).hexdigest() == randomness
    except ValueError as error:
        raise Unreachable("the beacon's signature is not hexadecimal") from error
    if answer.get("round") != number or not fits:
        raise Unreachable(f"round {number}: the answer does not fit")
    return randomness


def _get(path: str) -> dict[str, Any]:
    address = "/".join(part for part in (settings.BEACON_URL.rstrip("/"), settings.BEACON_CHAIN, path) if part)
    try:
        answer = httpx.get(address, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        data = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unreachable(f"{address}: {error}") from error
    if not isinstance(data, dict):
        raise Unreachable(f"{address}: not an object")
    return data
