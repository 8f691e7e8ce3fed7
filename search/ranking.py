"""Ranking: one order for every engine, computed from whole numbers that each engine counts alike; pure.

A document's score is the sum of the weights of those clauses that it fits. A clause asks whether some words stand in a field, and
nothing else: no word is worth more for being rare, no field for being short. What an engine knows of its own (BM25, the number
of its shards) has no say, so two engines that find the same documents put them in the same order (docs/decisions/0017).

What an adapter must compute, given `analysis` and the step of the ladder that answered:

1. found: the documents that fit the step's node;
2. score: for each of `clauses(analysis, step)` whose node the document fits, its weight, added up; on top of that, for
   `opening(analysis, step)` (when there is one), STARTS if the document's `spelling(title)` begins with it, and WHOLE if it is equal;
3. the order that ORDERS names.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice

from .analysis import All, Analysis, Any, Node, Phrase, narrow, runs

# What a word is worth in the best field in which it stands, written as steps: a word in the title fits all four clauses (10),
# one that only sounds like the title three or two (5, 3), one in the body only the last (2).
TIERS: tuple[tuple[frozenset[str], int], ...] = (
    (frozenset({"title"}), 5),
    (frozenset({"title", "syllables"}), 2),
    (frozenset({"title", "syllables", "initials"}), 1),
    (frozenset({"title", "syllables", "initials", "body"}), 2),
)
STARTS = 5  # the title begins with what was typed
WHOLE = 20  # the title is what was typed
MOST_LEAVES = 40  # pieces that count when any was enough

# By name of an order: what decides, one after the other, "-" for the larger first. A document without the value comes last
# either way. `score` is that of above; `open` whether `ends` is later than Query.now; `metres` the way from Query.origin along the
# ground. Dates and keys are compared as text. Without words `relevance` is `newest`, without an origin `distance` is `relevance`.
ORDERS: dict[str, tuple[str, ...]] = {
    "relevance": ("-score", "-date", "key"),
    "newest": ("-date", "key"),
    "ending": ("-open", "ends", "-date", "key"),
    "credit": ("-credit", "-score", "-date", "key"),
    "price": ("money_fen", "-score", "-date", "key"),
    "distance": ("metres", "-score", "-date", "key"),
}


def spelling(text: str) -> str:
    """Return a text without spaces and punctuation, as titles are compared with what was typed."""
    return "".join(chain.from_iterable(runs(text)))


def opening(analysis: Analysis, step: str) -> str:
    """Return how a title begins that starts with what was typed, or nothing when other words than those answered."""
    return spelling(analysis.text) if step == "exact" else ""


@lru_cache(maxsize=512)
def clauses(analysis: Analysis, step: str) -> tuple[tuple[Node, int], ...]:
    """Return nodes and what fitting them is worth, each different one once.

    Of readings and words that mean the same the best one counts; pieces of a run count each for itself, and the run as a whole
    once more; when any piece was enough (`similar`), each of them counts.
    """
    node: Node | None = getattr(analysis, step)
    if node is None:
        return ()
    words = islice(dict.fromkeys(_leaves(node)), MOST_LEAVES) if step == "similar" else dict.fromkeys(_words(node))
    weights: dict[Node, int] = {}
    for word in words:
        for fields, weight in TIERS:
            part = narrow(word, fields)
            if part is not None:
                weights[part] = weights.get(part, 0) + weight
    return tuple(weights.items())


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, Phrase):
        yield node
    else:
        for part in node.parts:
            yield from _leaves(part)


def _words(node: Node) -> Iterator[Node]:
    """Yield what counts for itself: the parts of every All, and before them what the same run may be as a whole."""
    if isinstance(node, Phrase) or not _holds_all(node):
        yield node
        return
    if isinstance(node, Any):
        whole = tuple(part for part in node.parts if not _holds_all(part))
        if whole:
            yield whole[0] if len(whole) == 1 else Any(whole)
    for part in node.parts:
        if isinstance(node, All) or _holds_all(part):
            yield from _words(part)


def _holds_all(node: Node) -> bool:
    return isinstance(node, All) or (not isinstance(node, Phrase) and any(map(_holds_all, node.parts)))


def order(sort: str, *, has_words: bool, has_origin: bool) -> str:
    """Return the name in ORDERS that a query's sort comes to."""
    if sort == "distance" and not has_origin:
        sort = "relevance"
    return "newest" if sort == "relevance" and not has_words else sort
