"""Practitioners of the demo's firms: the same people in the marketplace and in the licence library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from . import names

PEOPLE = 500  # practitioners are called by numbers from here on
ROBOTS, ROBOTS_STAFF = 90_000, 9_000  # where the numbers of robot firms begin, and those of who works there
# Who works where a qualification is held: two of each.
PROFESSIONS = {
    "surveying": "survey-engineer",
    "eia-platform": "eia-engineer",
    "engineering-design": "architect",
    "engineering-survey": "geotechnical-engineer",
    "supervision": "supervising-engineer",
    "safety-assessment": "safety-engineer",
    "fire-service": "fire-engineer",
    "asset-valuation": "asset-appraiser",
    "real-estate-valuation": "real-estate-appraiser",
    "accounting-firm": "accountant",
}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Practitioner:
    """Be an invented practitioner with one certificate; `code` is the person's number, `kind` a profession."""

    code: str
    name: str
    kind: str
    number: str
    issued_on: date
    valid_until: date


def staff(uscc: str, qualifications: Iterable[str], entered_on: date) -> Iterator[Practitioner]:
    """Yield who works in an invented firm that holds these kinds of qualification since a day: always the same people."""
    number = int(uscc[12:17])  # names.firm_code
    first = 20 * (number if number < ROBOTS else ROBOTS_STAFF + number - ROBOTS)
    kinds = sorted({PROFESSIONS[kind] for kind in qualifications if kind in PROFESSIONS})
    for turn, kind in enumerate((kind for kind in kinds for _twice in range(2)), start=first):
        yield Practitioner(
            code=person_code(turn),
            name=names.person(PEOPLE + turn),
            kind=kind,
            number=f"演示执{turn:06d}",
            issued_on=entered_on - timedelta(days=150),
            valid_until=entered_on + timedelta(days=1300),
        )


def person_code(number: int) -> str:
    """Return an invented person's number with a right check character (ISO 7064 MOD 11-2), of an area that is none (999999)."""
    born = date(1965, 1, 1) + timedelta(days=number // 999 * 31 + number % 31)
    plain = f"999999{born:%Y%m%d}{number % 999 + 1:03d}"
    total = sum(int(sign) * weight for sign, weight in zip(plain, _WEIGHTS, strict=True))
    return plain + "10X98765432"[total % 11]
