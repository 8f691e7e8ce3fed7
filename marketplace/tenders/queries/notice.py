"""Reads of one need's page: the need itself, its timeline, what was amended, what came before and after it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marketplace.core.event_words import describe
from marketplace.core.events import visible_to
from marketplace.tenders.models import Tender

from .terms import label_of

TIMELINE_LENGTH = 40
LONG = 60  # characters from which a change is shown line by line


def find_tender(number: str) -> Tender | None:
    """Return a need with all that its page shows, or None."""
    return (
        Tender.objects.select_related(
            "buyer", "service", "region", "project", "case__matter", "process", "rule_set", "chosen_firm", "former"
        )
        .filter(number=number)
        .first()
    )


def timeline_of(tender: Tender, limit: int = TIMELINE_LENGTH) -> list[dict[str, Any]]:
    """Return the public events of the need's process, newest first, as the timeline component takes them."""
    events = tender.process.events.filter(visible_to(None)).order_by("-number")[:limit]
    return [
        {
            "title": describe(event),
            "at": event.at,
            "who": tender.buyer.name if event.organization_id == tender.buyer_id else "",
            "number": event.number,
            "hash": event.hash,
        }
        for event in events
    ]


@dataclass(frozen=True)
class Change:
    """Be one term that an amendment changed: in short words, or line by line as (mark, text) with mark -, + or nothing."""

    label: str
    old: str
    new: str
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Amendment:
    """Be one amendment 变更公告."""

    number: int
    at: datetime
    reason: str
    changes: list[Change]


def amendments_of(tender: Tender) -> list[Amendment]:
    """Return what was amended, the newest first; the event of each is its record."""
    events = tender.process.events.filter(name="tender_amended").order_by("number")
    found = [
        Amendment(number, event.at, event.data["reason"], shown_changes(event.data["changes"], tender))
        for number, event in enumerate(events, start=1)
    ]
    return found[::-1]


def shown_changes(changes: list[dict[str, str]], tender: Tender) -> list[Change]:
    """Return changes with their labels in the reader's language, long texts line by line."""
    return [Change(_label(one, tender), one["old"], one["new"], _lines(one["old"], one["new"])) for one in changes]


def _label(change: dict[str, str], tender: Tender) -> str:
    try:
        return label_of(change["field"], tender.method, up=tender.is_upward)
    except KeyError:  # a term of an earlier version of this chapter
        return change["label"]


def _lines(old: str, new: str) -> tuple[tuple[str, str], ...]:
    if max(len(old), len(new)) < LONG and "\n" not in old + new:
        return ()
    compared = difflib.ndiff(old.splitlines(), new.splitlines())
    return tuple((line[0].strip(), line[2:]) for line in compared if line[0] != "?")


def followers_of(tender: Tender) -> list[Tender]:
    """Return the published needs that post this one again."""
    return list(tender.successors.filter(published_at__isnull=False).order_by("published_at"))
