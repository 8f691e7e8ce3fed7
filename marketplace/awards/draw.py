"""Chance that anybody can recompute: one seed from a committed secret, a frozen pool and a public beacon, and its proof.

The steps, in time: the SHA-256 of a secret is published with the notice; the pool is frozen when signing up ends and its hash is
published; a beacon value that nobody could know before is fetched where there is one; then the secret is shown. Each firm
may add a nonce of its own to the pool, so that the operator alone cannot have chosen the seed in advance. Shape: hash each
candidate with the seed and sort (draft-thomson-elegy-vrs), not hash modulo the remaining count (RFC 3797).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

FORMAT = "marketplace-draw-1"
COMMITMENT = b"marketplace-commitment-1\n"
PURPOSE = "draw"
MAX_TICKETS = 10_000  # a hundred times the highest credit: keeps a forged proof from running for ever
NO_BEACON: Mapping[str, Any] = {"source": "", "round": 0, "value": ""}
FIELDS = frozenset(
    {"format", "tender", "purpose", "commitment", "secret", "salt", "pool", "pool_hash", "beacon", "seed", "order"}
)
SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: it can stand in JSON but has no bytes to hash
ENTRY = frozenset({"code", "firm", "tickets", "nonce"})
Option = TypeVar("Option")


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: keys sorted, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def commitment(secret: bytes) -> str:
    """Return what is published before the draw: SHA-256 in hex of the secret behind a fixed line."""
    return hashlib.sha256(COMMITMENT + secret).hexdigest()


def pool_hash(tender: str, salt: str, pool: Iterable[Mapping[str, Any]]) -> str:
    """Return the SHA-256 in hex of the frozen pool.

    `pool` holds {"code", "firm", "tickets", "nonce"} in any order: the 统一社会信用代码 that stands for the firm in the draw, its
    label, its tickets from 1, the text that it added or "". `salt` is random hex: codes and labels are few enough to be
    guessed from a bare hash while names are still secret.
    """
    ordered = sorted(pool, key=lambda entry: entry["code"])
    return hashlib.sha256(canonical({"pool": ordered, "salt": salt, "tender": tender}).encode()).hexdigest()


def seed(tender: str, secret: bytes, pool_hash: str, beacon: Mapping[str, Any] | None = None) -> str:
    """Return the seed in hex: SHA-256 over format, tender, secret, pool hash and the beacon's source, round and value.

    Each part stands behind its length (8 bytes, big-endian), so that no two lists of parts give the same text. `beacon`
    is {"source", "round", "value" in hex}; without one it counts as "", 0 and "".
    """
    beacon = NO_BEACON if beacon is None else beacon
    parts = (
        FORMAT.encode(),
        tender.encode(),
        secret,
        pool_hash.encode(),
        beacon["source"].encode(),
        str(beacon["round"]).encode(),
        beacon["value"].encode(),
    )
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()


def digest(seed: str, tender: str, purpose: str, code: str, ticket: int) -> bytes:
    """Return the 32 bytes that a ticket draws: HMAC-SHA-256, the seed as key, over `tender|purpose|code|ticket`."""
    return _digest(bytes.fromhex(seed), f"{tender}|{purpose}|{code}|{ticket}")


def order(seed: str, tender: str, pool: Iterable[Mapping[str, Any]], purpose: str = PURPOSE) -> list[str]:
    """Return the codes of the pool in the order in which they are drawn.

    A firm's tickets are numbered 1..n, each has its digest, and the firm stands at the lowest of them; ascending. That is
    drawing all tickets one after another without putting back, and taking firms as they first appear: every ticket
    is the first with the same chance, so a firm's chance is in proportion to its tickets. Only integers are compared:
    there is no remainder of a division that would favor some. A firm's digests do not depend on the others, so leaving
    firms out keeps the order of the rest, and the order of the pool means nothing. Equal digests (not in this
    world's time) go by code.
    """
    key, start = bytes.fromhex(seed), f"{tender}|{purpose}|"
    keys = {
        entry["code"]: min(
            [_digest(key, f"{start}{entry['code']}|{ticket}") for ticket in range(1, entry["tickets"] + 1)]
        )
        for entry in pool
    }
    return sorted(keys, key=lambda code: (keys[code], code))


def pick(seed: str, tender: str, purpose: str, options: Sequence[Option]) -> Option:
    """Return the option whose text has the lowest digest under `purpose`; the order of the options means nothing."""
    return min(options, key=lambda option: (digest(seed, tender, purpose, str(option), 1), str(option)))


def proof(
    *, tender: str, secret: bytes, salt: str, pool: Iterable[Mapping[str, Any]], beacon: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Draw, and return the document from which anybody can draw again: JSON with hex texts and integers.

    Raises ValueError where the result would not pass `check`: a code twice, no tickets, hex that is none.
    """
    entries = sorted((dict(entry) for entry in pool), key=lambda entry: entry["code"])
    hashed = pool_hash(tender, salt, entries)
    drawn = seed(tender, secret, hashed, beacon)
    document = {
        "format": FORMAT,
        "tender": tender,
        "purpose": PURPOSE,
        "commitment": commitment(secret),
        "secret": secret.hex(),
        "salt": salt,
        "pool": entries,
        "pool_hash": hashed,
        "beacon": dict(NO_BEACON if beacon is None else beacon),
        "seed": drawn,
        "order": [],
    }
    problems = _malformed(document)
    if problems:
        raise ValueError("; ".join(problems))
    return document | {"order": order(drawn, tender, entries)}


def check(document: Mapping[str, Any]) -> list[str]:
    """Return a line "code: sentence" for each thing in a proof that does not hold; an empty list when all holds.

    Codes: malformed, commitment_differs, pool_hash_differs, seed_differs, order_differs. Each step is recomputed from what
    the document says before it, so that a line names the step at fault. That commitment and pool hash were published
    before the draw is not in the document: compare them with the notice.
    """
    problems = _malformed(document)
    if problems:
        return problems
    tender, pool, secret = document["tender"], document["pool"], bytes.fromhex(document["secret"])
    steps = (
        ("commitment", commitment(secret), "The commitment is not the hash of the secret."),
        ("pool_hash", pool_hash(tender, document["salt"], pool), "The pool hash does not follow from the pool."),
        (
            "seed",
            seed(tender, secret, document["pool_hash"], document["beacon"]),
            "The seed does not follow from tender, secret, pool hash and beacon.",
        ),
        ("order", order(document["seed"], tender, pool), "The order does not follow from the seed."),
    )
    return [f"{name}_differs: {text}" for name, value, text in steps if document[name] != value]


def _digest(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")


def _malformed(document: Mapping[str, Any]) -> list[str]:
    """Return what keeps a document from being recomputed at all; unknown fields too, for nothing vouches for them."""
    if not isinstance(document, Mapping) or set(document) != FIELDS:
        return ["malformed: A proof is an object with exactly these fields: " + ", ".join(sorted(FIELDS)) + "."]
    texts = ("format", "tender", "purpose", "commitment", "secret", "salt", "pool_hash", "seed")
    codes = document["order"]
    faults = (
        (any(not _is_text(document[name]) for name in texts), ", ".join(texts) + " are texts."),
        (document["format"] != FORMAT, f"The format is {FORMAT}."),
        (document["purpose"] != PURPOSE, f"The purpose is {PURPOSE}."),
        (
            any(not _is_hex(document[name], least=64) for name in ("secret", "seed")),
            "Secret and seed are lower-case hex of 32 bytes or more.",
        ),
        (not _is_hex(document["salt"]), "The salt is lower-case hex."),
        (
            not _is_beacon(document["beacon"]),
            "The beacon is {source, round, value}: text, whole number, lower-case hex.",
        ),
        (
            not _is_pool(document["pool"]),
            "The pool is a list of {code, firm, tickets, nonce}, sorted by code, each code once.",
        ),
        (not isinstance(codes, list) or not all(map(_is_text, codes)), "The order is a list of codes."),
    )
    return [f"malformed: {text}" for is_fault, text in faults if is_fault]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and (value.isascii() or not SURROGATE.search(value))


def _is_hex(value: Any, least: int = 0) -> bool:
    return _is_text(value) and len(value) >= least and len(value) % 2 == 0 and not value.strip("0123456789abcdef")


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_beacon(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == set(NO_BEACON)
        and _is_text(value["source"])
        and _is_whole(value["round"], 0, 2**63 - 1)
        and _is_hex(value["value"])
    )


def _is_pool(value: Any) -> bool:
    if not isinstance(value, list) or not all(map(_is_entry, value)):
        return False
    codes = [entry["code"] for entry in value]
    return codes == sorted(set(codes))


def _is_entry(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and value.keys() == ENTRY
        and _is_text(value["code"])
        and _is_text(value["firm"])
        and _is_text(value["nonce"])
        and _is_whole(value["tickets"], 1, MAX_TICKETS)
    )
