"""The invented firms and owners that the library knows and the marketplace does not yet: for whoever tries the entry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ..states import Status
from .seeding import Certificate, Holder, Person, seed
from .store import Store

PATH = Path(__file__).parent / "newcomers.json"


@dataclass(frozen=True)
class Newcomer:
    """Be one of them, for people who look for a code to try: `note` says what is special."""

    code: str
    name: str
    note: str


@cache
def newcomers() -> tuple[Newcomer, ...]:
    """Return them in the file's order; the last two are owners."""
    return tuple(Newcomer(row["code"], row["name"], row["note"]) for row in _rows())


def seed_newcomers(store: Store, *, today: date) -> int:
    """Issue their licences where the library does not have them yet; returns how many. Some are expired, suspended, cancelled."""
    issued = 0
    for row in _rows():
        fresh = seed(store, [_holder(row, today)], today=today)
        issued += fresh
        states = {given["number"]: given["state"] for given in row["certificates"]}
        for licence in store.licences_of(row["code"], today) if fresh else ():
            state = states.get(licence["number"], Status.VALID.value)
            if state not in {Status.VALID.value, licence["status"]}:
                store.move(licence["identifier"], state, today=today)
    return issued


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(PATH.read_text(encoding="utf-8")))


def _holder(row: dict[str, Any], today: date) -> Holder:
    return Holder(
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        legal_representative=row["legal_representative"],
        address=row["address"],
        region=row["region"],
        capital=row["capital"],
        certificates=tuple(
            Certificate(
                kind=given["kind"],
                number=given["number"],
                grade=given["grade"],
                scope=given["scope"],
                valid_until=today + timedelta(days=round(365 * given["years"])),
            )
            for given in row["certificates"]
        ),
        practitioners=tuple(
            Person(
                code=given["code"],
                name=given["name"],
                discipline=given["discipline"],
                certificate=Certificate(
                    kind=given["kind"], number=given["number"], valid_until=today + timedelta(days=1000)
                ),
            )
            for given in row["practitioners"]
        ),
    )
