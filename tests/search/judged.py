"""Judged queries: what was typed, what is wanted, and how well a list of hits serves it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import yaml

from search.documents import Document
from search.engine import Query

from .world import World, lexicon, world

FILE = Path(__file__).with_name("judgements.yaml")
WANTED, USEFUL, LOOSE = 3, 2, 1
DEPTH = 10


@dataclass(frozen=True)
class Judgement:
    """One query, its type, and what it is after."""

    q: str
    type: str
    about: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    region: str = ""
    brand: tuple[str, ...] = ()
    brand2: tuple[str, ...] = ()
    trade: str = ""
    name: str = ""
    page: tuple[str, ...] = ()
    key: str = ""

    @property
    def query(self) -> Query:
        return replace(lexicon().query(self.q), per_page=DEPTH)

    def grade(self, document: Document, marketplace: World) -> int:
        """Return how well a document serves: 3 it is what was wanted, 2 useful, 1 near, 0 not."""
        if self.key or self.name:
            return WANTED if document.key == self.key or document.title == self.name else 0
        if self.page:
            return WANTED if marketplace.slugs.get(document.key) in self.page else 0
        if self.brand:
            return self._grade_of_brand(
                marketplace.brands.get(document.key, ""), marketplace.trades.get(document.key, "")
            )
        grade = self._grade_of_service(document)
        if self.region and self.region not in document.regions:
            return min(grade, LOOSE) if grade >= USEFUL else 0
        return grade

    def _grade_of_brand(self, brand: str, trade: str) -> int:
        if brand in self.brand:
            return LOOSE if self.trade and trade != self.trade else WANTED
        return USEFUL if brand and brand in self.brand2 else 0

    def _grade_of_service(self, document: Document) -> int:
        """A service, a need for it, or a firm whose trade it is: all are what was wanted. A firm that does it too: useful."""
        codes = [code.removeprefix("YT-ZJ-") for code in document.services]
        if any(code in self.about for code in codes[:1]):
            return WANTED
        if any(code in self.about for code in codes):
            return USEFUL
        return LOOSE if any(code in self.near for code in codes) else 0


@lru_cache(maxsize=1)
def judgements() -> tuple[Judgement, ...]:
    """Return all judged queries."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(
        Judgement(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})
        for row in rows
    )


def contract_queries() -> list[Query]:
    """Return every judged query, as both adapters must answer it alike."""
    return [judgement.query for judgement in judgements()]


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:DEPTH]))


@dataclass(frozen=True)
class Score:
    """How one query was served: nDCG@10, one over the place of the first hit of the best grade, whether anything came."""

    judgement: Judgement
    ndcg: float
    reciprocal: float
    is_empty: bool


def score(judgement: Judgement, keys: Sequence[str]) -> Score:
    """Judge the keys of the first hits of a query, best first."""
    marketplace = world()
    grades: Mapping[str, int] = {one.key: judgement.grade(one, marketplace) for one in marketplace.documents}
    best = sorted(grades.values(), reverse=True)
    found = [grades[key] for key in keys[:DEPTH]]
    place = next((at for at, grade in enumerate(found, start=1) if grade == best[0]), 0)
    return Score(judgement, _gain(found) / _gain(best), 1 / place if place else 0.0, not keys)
