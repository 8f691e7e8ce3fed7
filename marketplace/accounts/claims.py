"""What the unified identity says of somebody, brought into one form. Pure, no I/O.

The claims are those that docs/identity.md asks of a provider: `name`, `id_kind` (person or legal), `id_number` of a person, `uscc`
and `agent` of a legal person, `level` L1 to L4 (the levels of real-name checks of 统一身份认证).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .box import number_key

LEVELS = ("L1", "L2", "L3", "L4")
CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")  # GB 32100; parties.uscc checks its last character where it is used


class Nonsense(Exception):
    """Be raised with a word for the log when the provider's answer cannot be used."""


@dataclass(frozen=True)
class Claims:
    """Who somebody is, as a provider said at one sign-in. A person's number is gone by now: its digest and last four remain."""

    issuer: str
    subject: str
    kind: str
    name: str
    uscc: str = ""
    agent: str = ""
    number_key: str = ""
    last4: str = ""
    level: str = ""

    @classmethod
    def read(cls, issuer: str, answer: Mapping[str, Any], *, kind: str) -> Claims:
        """Read a provider's answer for a client of `kind`; raises Nonsense.

        An answer that names another kind of holder is refused: the two buttons prove different things.
        """
        said = {name: _text(answer, name) for name in ("sub", "name", "id_kind", "uscc", "agent", "id_number", "level")}
        if not said["sub"] or len(said["sub"]) > 255 or not said["name"]:
            raise Nonsense("no subject or name")
        if (said["id_kind"] or kind) != kind:
            raise Nonsense(f"asked for {kind}, got {said['id_kind']}")
        uscc = said["uscc"].upper() if kind == "legal" else ""
        if kind == "legal" and not CODE.fullmatch(uscc):
            raise Nonsense("a legal person without a code")
        if said["level"] and said["level"] not in LEVELS:
            raise Nonsense(f"an unknown level {said['level'][:8]}")
        number = said["id_number"] if kind == "person" else ""
        return cls(
            issuer=issuer,
            subject=said["sub"],
            kind=kind,
            name=said["name"][:200],
            uscc=uscc,
            agent=said["agent"][:80] if kind == "legal" else "",
            number_key=number_key(number),
            last4=number[-4:].upper(),
            level=said["level"],
        )

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Nonsense(f"{name} is no text")
    return value.strip()
