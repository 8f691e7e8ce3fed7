"""The draw of firms for a spot check, as pure functions: anybody recomputes it from what is published.

In time: the hash of a secret is published; the codes drawn from are fixed and their hash is published; at the hour the secret
is shown. Each code is hashed with the seed and the lowest come first, so there is no remainder of a division that
would favor some, and the order of the list means nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

FORMAT = "marketplace-spot-check-1"


def commitment(secret: bytes) -> str:
    """Return what is published before the draw: SHA-256 in hex of the secret behind the line of the format."""
    return hashlib.sha256(f"{FORMAT}\n".encode() + secret).hexdigest()


def population_hash(codes: Iterable[str]) -> str:
    """Return the SHA-256 in hex of the codes drawn from, sorted, one a line."""
    return hashlib.sha256("\n".join(sorted(codes)).encode()).hexdigest()


def draw(secret: bytes, codes: Iterable[str], count: int) -> list[str]:
    """Return the `count` codes that the secret draws, in their order; all of them where there are fewer.

    The key of the draw is SHA-256 over the secret and the hash of the codes; a code's place is its HMAC-SHA-256 with it.
    """
    known = sorted(set(codes))
    key = hashlib.sha256(secret + bytes.fromhex(population_hash(known))).digest()
    return sorted(known, key=lambda code: (hmac.digest(key, code.encode(), "sha256"), code))[:count]


def faults(round: Mapping[str, Any], drawn: Iterable[str]) -> list[str]:  # noqa: A002 - what it is called everywhere here
    """Return a sentence for each thing in a drawn round that does not follow from the rest: nothing when all holds.

    `round` has commitment, seed (hex), population and count; `drawn` are the codes that were checked.
    """
    try:
        secret = bytes.fromhex(round["seed"])
    except ValueError:
        return ["the seed is not hex"]
    wrong = []
    if commitment(secret) != round["commitment"]:
        wrong.append("the seed is not the one committed to")
    codes = list(round["population"])
    if codes != sorted(set(codes)):
        wrong.append("the population is not sorted, or names a firm twice")
    if sorted(draw(secret, codes, round["count"])) != sorted(drawn):
        wrong.append("the firms drawn do not follow from seed and population")
    return wrong
