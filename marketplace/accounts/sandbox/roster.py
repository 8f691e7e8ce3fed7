"""Whom the local provider can prove: invented natural persons, and legal persons with who acts for them.

The demo writes people.json into the sandbox's folder from its own people and firms; without it, these few.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "people.json"


@dataclass(frozen=True)
class Holder:
    """One choice on the provider's page."""

    key: str  # stable: what makes it the same holder the next time
    kind: str  # person or legal
    name: str
    level: str = "L3"
    id_number: str = ""
    uscc: str = ""
    agent: str = ""
    hint: str = ""  # said beside the name on the page, and nowhere else

    @property
    def subject(self) -> str:
        return hashlib.sha256(f"{self.kind} {self.key}".encode()).hexdigest()[:32]

    def claims(self) -> dict[str, str]:
        said = {
            "name": self.name,
            "id_kind": self.kind,
            "level": self.level,
            "id_number": self.id_number,
            "uscc": self.uscc,
            "agent": self.agent,
        }
        return {name: value for name, value in said.items() if value}


def check_digit(number: str) -> str:
    """Return the last character of an 18-digit identity number (GB 11643) for its first seventeen."""
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(number))
    return "10X98765432"[total % 11]


def invented_number(key: str) -> str:
    """Make up an identity number with a right check digit; its birthday lies in the future, so it is nobody's."""
    dice = int(hashlib.sha256(key.encode()).hexdigest(), 16)
    first = f"360600{2070 + dice % 20}{1 + dice // 20 % 12:02d}{1 + dice // 240 % 28:02d}{dice // 6720 % 1000:03d}"
    return first + check_digit(first)


FEW = (
    Holder("li", "person", "李示例", id_number=invented_number("li"), level="L4"),
    Holder("wang", "person", "王示例", id_number=invented_number("wang"), level="L2"),
    Holder("firm", "legal", "鹰潭示例勘测有限公司", uscc="91360600MA35EXAMP0", agent="李示例", level="L4"),
    Holder("firm-2", "legal", "鹰潭示例勘测有限公司", uscc="91360600MA35EXAMP0", agent="王示例"),
)


def read(folder: Path) -> dict[str, Holder]:
    """Return the holders by their subjects, in the order of the page."""
    path = folder / FILE
    rows = [Holder(**row) for row in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else FEW
    return {holder.subject: holder for holder in rows}


def write(folder: Path, holders: list[Holder]) -> None:
    """Put the holders where the provider reads them, in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{FILE}.new"
    fresh.write_text(json.dumps([asdict(one) for one in holders], ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(folder / FILE)
