"""What a sealed offer holds, and the commitment that fixes it before anybody can read it. Pure.

A commitment is the SHA-256 of a line of JSON: keys sorted, no spaces, UTF-8. The nonce in it has 256 random bits, so that the
price cannot be guessed from the commitment; who has the receipt can recompute it with any tool.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import asdict, dataclass

NONCE = re.compile(r"^[0-9a-f]{64}$")
BLOCK = 1024  # what is sealed is filled up to this: the length of a message says nothing about the price
POINTS = 10_000  # discounts are counted in hundredths of a percent


def new_nonce() -> str:
    """Return 256 random bits as 64 hexadecimal digits."""
    return secrets.token_hex(32)


def discounted_fen(ceiling_fen: int, points: int) -> int:
    """Return the price after a discount of `points` hundredths of a percent off the ceiling, rounded half up to fen."""
    return (ceiling_fen * (POINTS - points) + POINTS // 2) // POINTS


def statement(*, tender: str, bidder: str, amount_fen: int, nonce: str, plan_sha256: str = "") -> str:
    """Return the line of which a commitment is the hash; `tender` by its number, `bidder` by its label."""
    body = {"amount_fen": amount_fen, "bidder": bidder, "nonce": nonce, "plan_sha256": plan_sha256, "tender": tender}
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def commitment(*, tender: str, bidder: str, amount_fen: int, nonce: str, plan_sha256: str = "") -> str:
    """Return the commitment to an offer as 64 hexadecimal digits."""
    line = statement(tender=tender, bidder=bidder, amount_fen=amount_fen, nonce=nonce, plan_sha256=plan_sha256)
    return hashlib.sha256(line.encode()).hexdigest()


def context(*, tender: str, bidder: str, number: int, part: str) -> bytes:
    """Return to what a sealed message is bound: put into another row, or taken for another part, it does not open."""
    return "|".join(("sealed-offer", tender, bidder, str(number), part)).encode()


@dataclass(frozen=True)
class Content:
    """Be what stands in a sealed offer; a plan is sealed by itself and named here by its hash."""

    amount_fen: int
    discount_points: int | None
    nonce: str
    plan_name: str = ""
    plan_sha256: str = ""

    def packed(self) -> bytes:
        """Return the content as bytes whose length does not depend on the price."""
        plain = json.dumps(asdict(self), ensure_ascii=False).encode()
        return plain.ljust(-(-len(plain) // BLOCK) * BLOCK)

    @classmethod
    def unpacked(cls, packed: bytes) -> Content:
        """Return what packed() was made of; raises ValueError for anything else."""
        try:
            return cls(**json.loads(packed))
        except TypeError as error:
            raise ValueError("not the content of an offer") from error
