"""The invented projects that the local approval platform knows."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PATH = Path(__file__).parent / "projects.csv"
MATTERS = Path(__file__).parents[2] / "catalog" / "data" / "services.csv"


@dataclass(frozen=True)
class DemoCase:
    """One matter in progress of an invented project; `matter_code` is the catalogue's."""

    number: str
    matter_code: str


@dataclass(frozen=True)
class DemoProject:
    """One invented project. Without `owner_uscc` no unit is registered yet, and any owner may take it."""

    code: str
    name: str
    owner_uscc: str
    owner_name: str
    region_code: str
    location: str
    investment_fen: int
    cases: tuple[DemoCase, ...]


@cache
def demo_projects() -> tuple[DemoProject, ...]:
    """Return the invented projects, always the same and in the same order; the last four have no unit yet."""
    with PATH.open(encoding="utf-8", newline="") as file:
        return tuple(
            DemoProject(
                code=row["code"],
                name=row["name"],
                owner_uscc=row["owner_uscc"],
                owner_name=row["owner_name"],
                region_code=row["region_code"],
                location=row["location"],
                investment_fen=int(row["investment_yuan"]) * 100,
                cases=tuple(DemoCase(*pair.split(":")) for pair in row["cases"].split()),
            )
            for row in csv.DictReader(file)
        )


@cache
def matter_names() -> dict[str, tuple[str, str]]:
    """Return name and department of each matter of the catalogue's own data, by code."""
    with MATTERS.open(encoding="utf-8", newline="") as file:
        return {row["matter_code"]: (row["matter"], row["department"]) for row in csv.DictReader(file)}
