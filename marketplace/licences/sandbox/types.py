"""The types of licence that the local library issues; their type codes have the standard's shape and are invented."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PATH = Path(__file__).parent / "types.csv"


@dataclass(frozen=True)
class Type:
    """Be one type: `kind` is an Organization.Kind (registrations) or the code of a QualificationKind; `years` 0: without end."""

    kind: str
    holder: str
    name: str
    type_code: str
    issuer: str
    issuer_code: str
    years: int


REGISTRATIONS = frozenset({"enterprise", "sole_trader", "cooperative", "public_body", "social", "other"})


@cache
def types() -> dict[str, Type]:
    """Return the types by kind, in the file's order: registrations, certificates of organizations, of persons."""
    with PATH.open(encoding="utf-8", newline="") as file:
        rows = [Type(years=int(row.pop("years")), **row) for row in csv.DictReader(file)]
    return {row.kind: row for row in rows}
