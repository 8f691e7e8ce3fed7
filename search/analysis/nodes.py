"""Nodes: what a query asks of an index, as a small tree that every adapter writes in its own language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .text import RUN, pairs

TEXT = ("title", "body")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that must follow one another in one of `fields`; the last one may be only a beginning."""

    tokens: tuple[str, ...]
    fields: tuple[str, ...] = TEXT
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Every part must match."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part must match."""

    parts: tuple[Node, ...]


Node = Phrase | All | Any


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was typed, as a ladder: each step is tried only when the one before finds nothing."""

    text: str
    exact: Node | None
    homophone: Node | None
    similar: Node | None
    words: tuple[str, ...]  # what to mark in a hit, longest first

    def marks(self, step: str) -> tuple[str, ...]:
        """Return what to mark when `step` answered: the words, or the pairs of characters that were enough."""
        return tuple(dict.fromkeys(_tokens(self.similar))) if step == "similar" and self.similar else self.words


def _tokens(node: Node) -> Iterator[str]:
    if isinstance(node, Phrase):
        yield from node.tokens
    else:
        for part in node.parts:
            yield from _tokens(part)


def any_of(parts: Iterable[Node | None]) -> Node | None:
    """Join what is there by OR, each once and without a level between; None when nothing is."""
    different: dict[Node, None] = {}
    for part in parts:
        if part is not None:
            different |= dict.fromkeys(part.parts if isinstance(part, Any) else (part,))
    return next(iter(different)) if len(different) == 1 else Any(tuple(different)) if different else None


def all_of(parts: Iterable[Node | None]) -> Node | None:
    """Join what is there by AND, each once and without a level between; None when nothing is."""
    kept: dict[Node, None] = {}
    for part in parts:
        if part is not None:
            kept |= dict.fromkeys(part.parts if isinstance(part, All) else (part,))
    return next(iter(kept)) if len(kept) == 1 else All(tuple(kept)) if kept else None


def narrow(node: Node | None, fields: frozenset[str]) -> Node | None:
    """Return the node as far as it asks for `fields`, or None when nothing of it is left."""
    if node is None:
        return None
    if isinstance(node, Phrase):
        kept = tuple(field for field in node.fields if field in fields)
        return Phrase(node.tokens, kept, node.is_prefix) if kept else None
    parts = [narrow(part, fields) for part in node.parts]
    if isinstance(node, All):
        return None if None in parts else all_of(parts)
    return any_of(parts)


def plain(word: str) -> Node | None:
    """Return the word as it stands: each run a phrase, a single character or a Latin word as a beginning."""
    parts: list[Node | None] = []
    for han, other in RUN.findall(word):
        if other:
            parts.append(Phrase((other,), is_prefix=True))
        elif len(han) == 1:
            parts.append(Phrase((han,), is_prefix=True))
        else:
            parts.append(Phrase(tuple(pairs(han)[:-1])))
    return all_of(parts)
