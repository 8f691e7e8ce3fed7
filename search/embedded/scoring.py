"""Scoring: the whole numbers of search.ranking for many documents at once, as disjoint sets of equal score."""

from __future__ import annotations

from dataclasses import dataclass

from pyroaring import BitMap

from ..analysis import Analysis
from ..ranking import STARTS, WHOLE, clauses, opening
from .matching import Matcher


@dataclass(frozen=True)
class Worth:
    """What fitting a set adds to a document's score."""

    docs: BitMap
    weight: int


def worths(matcher: Matcher, analysis: Analysis, step: str, *, is_shortened: bool = False) -> list[Worth]:
    """Return what counts for a query, the heaviest first; `is_shortened`: what is too common to tell anything does not."""
    found = [
        Worth(matcher.docs(node), weight)
        for node, weight in clauses(analysis, step)
        if not (is_shortened and matcher.is_common(node))
    ]
    if beginning := opening(analysis, step):
        starts = matcher.spelled(beginning)
        if starts:
            found.append(Worth(starts, STARTS))
            found.append(Worth(matcher.spelled(beginning, is_whole=True), WHOLE))
    return sorted((worth for worth in found if worth.docs), key=lambda worth: -worth.weight)


def tiers(found: BitMap, counted: list[Worth], wanted: int) -> list[tuple[int, BitMap]]:
    """Split `found` by score, highest first; tiers below the first `wanted` documents may be missing.

    What cannot reach the first `wanted` any more is left out on the way, so many words over many documents stay cheap.
    """
    tiers: dict[int, BitMap] = {0: found}
    left = sum(worth.weight for worth in counted)
    for worth in counted:
        left -= worth.weight
        split: dict[int, BitMap] = {}
        for score, docs in tiers.items():
            for at, part in ((score + worth.weight, docs & worth.docs), (score, docs - worth.docs)):
                if part:
                    split[at] = split[at] | part if at in split else part
        tiers = _within_reach(split, left, wanted)
    return sorted(tiers.items(), key=lambda tier: -tier[0])


def _within_reach(tiers: dict[int, BitMap], left: int, wanted: int) -> dict[int, BitMap]:
    """Drop the tiers that `left` more points cannot lift among the first `wanted`."""
    count, floor = 0, 0
    for score in sorted(tiers, reverse=True):
        count += len(tiers[score])
        if count >= wanted:
            floor = score
            break
    return {score: docs for score, docs in tiers.items() if score + left >= floor}
