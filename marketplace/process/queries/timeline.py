"""The timeline of a process as one viewer may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from marketplace.awards.states import ENDED_AWARDS
from marketplace.bidding.disclosure import names_are_public
from marketplace.core.event_words import describe
from marketplace.core.events import canonical, visible_to
from marketplace.core.models import Event, Process
from marketplace.parties.access import organizations_of

# Their canonical text names the person who acted.
MASKED = {"bidder_signed_up", "bidder_withdrawn", "bid_placed", "nonce_set", "scores_locked"}


@dataclass(frozen=True)
class Entry:
    """Be one line of a timeline. A step that the viewer may not read keeps its number, hash and place, not its words.

    `canonical` is the text whose hash it is: SHA-256 of previous hash, line feed and it. Steps that would tell who a masked
    bidder is have none until the names are public.
    """

    number: int
    at: datetime
    title: str
    who: str
    hash: str
    previous_hash: str
    canonical: str = ""
    is_hidden: bool = False


def parties_of(process: Process) -> set[int]:
    """Return the ids of the organizations that are parties: the owner and, once there is an award, the chosen firm."""
    tender = getattr(process, "tender", None)
    if tender is None:
        party = getattr(process, "party", None)
        return {party.pk} if party is not None else set()
    return {tender.buyer_id, *tender.awards.exclude(status__in=ENDED_AWARDS).values_list("organization_id", flat=True)}


def timeline(process: Process, user: Any) -> list[Entry]:
    """Return all entries of a process, newest first, each with number and hash; what may not be read is marked so."""
    mine = {organization.pk for organization in organizations_of(user)}
    wanted = visible_to(user, mine, is_party=bool(mine & parties_of(process)))
    tender = getattr(process, "tender", None)
    masked = set() if tender is None or names_are_public(tender) else MASKED
    readable = set(process.events.filter(wanted).values_list("number", flat=True))
    return [
        _entry(event, process, is_hidden=event.number not in readable, is_masked=event.name in masked)
        for event in process.events.order_by("-number").iterator()
    ]


def _entry(event: Event, process: Process, *, is_hidden: bool, is_masked: bool) -> Entry:
    event.process = process
    return Entry(
        number=event.number,
        at=event.at,
        title=_("这一步的内容不公开") if is_hidden else describe(event),
        who="" if is_hidden else str(event.data.get("who", "")),
        hash=event.hash,
        previous_hash=event.previous_hash,
        canonical="" if is_hidden or is_masked else canonical(event),
        is_hidden=is_hidden,
    )
