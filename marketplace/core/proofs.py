"""Proofs: checks of what must always hold, run by `manage.py verify`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .events import broken_links
from .models import Process

Proof = Callable[[], Iterable[str]]
PROOFS: dict[str, Proof] = {}


def proof(name: str) -> Callable[[Proof], Proof]:
    """Register a proof: a function that yields a sentence for each thing that is wrong, nothing when all holds."""

    def register(function: Proof) -> Proof:
        PROOFS[name] = function
        return function

    return register


@proof("audit")
def audit() -> Iterable[str]:
    """Check every event chain: numbers without gaps, each hash over its content and the one before."""
    for process in Process.objects.order_by("pk").iterator():
        yield from broken_links(process)
