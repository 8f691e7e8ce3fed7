"""Watching: what is written into the index is shown to the saved searches, and what falls due for them is done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.db.models import Q

from marketplace.core import clock
from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.workdays import SHANGHAI
from marketplace.core.worker import due, in_own_order

from .actions import forget_search, note_alerts, register, send_letter, tell
from .documents import Document
from .engine import connect
from .models import Alert, Letter, Rhythm, SavedSearch
from .queries.saved import UNDO, kept_searches
from .states import SavedStatus

DAILY = time(8)  # in Shanghai
AT_A_TIME = 200


def look(documents: Iterable[Document]) -> int:
    """Show documents that were just written to the saved searches; return how many alerts came of it.

    For whoever writes into the index for an event; a replay of the event finds nothing new.
    """
    documents = list(documents)
    if not documents or not SavedSearch.objects.filter(status=SavedStatus.ACTIVE).exists():
        return 0
    found = connect().watched_by(documents)
    return note_alerts(documents=documents, found=found, now=clock.now()) if found else 0


def gathered_until(now: datetime) -> datetime:
    """Return the last eight in the morning in Shanghai: what was found before it is due to be told."""
    local = now.astimezone(SHANGHAI)
    today = local.replace(hour=DAILY.hour, minute=0, second=0, microsecond=0)
    return today if local >= today else today - timedelta(days=1)


@due("search alerts")
def tell_what_is_due(now: datetime) -> int:
    """Tell what was gathered for the daily message, and what waits although it should have been told at once."""
    until = gathered_until(now)
    wanted = Q(search__rhythm=Rhythm.AT_ONCE) | Q(search__rhythm=Rhythm.DAILY, found_at__lt=until)
    waiting = Alert.objects.filter(wanted, told_at=None)
    searches = list(SavedSearch.objects.filter(pk__in=waiting.values("search")).order_by("pk")[:AT_A_TIME])
    for search in in_own_order(searches):
        tell(search=search, now=now, before=until if search.rhythm == Rhythm.DAILY else None)
    return len(searches)


@due("search letters")
def send_what_is_owed(now: datetime) -> int:
    """Send the mails that are owed: those that a crash or a silent mail server left behind."""
    rows = list(Letter.objects.filter(done_at=None, due_at__lte=now).order_by("due_at", "pk")[:AT_A_TIME])
    for letter in in_own_order(rows):
        send_letter(letter=letter, now=now)
    return len(rows)


@on("synonym_added", "synonym_changed", "synonym_removed", "synonyms_loaded")
def words_have_changed(event: Event) -> None:
    """Let every saved search be registered anew: it asks for other words now."""
    SavedSearch.objects.filter(status=SavedStatus.ACTIVE).update(is_watched=False)


def out_of_step() -> list[int]:
    """Return the numbers of saved searches that the index watches although it should not, or does not watch."""
    return sorted({number for number, _query in kept_searches()} ^ connect().watched())


@due("saved searches")
def keep_in_step(now: datetime) -> int:
    """Register what the index did not take, and remove what was deleted more than a day ago."""
    unwatched = list(
        SavedSearch.objects.filter(is_watched=False).order_by("pk").values_list("pk", flat=True)[:AT_A_TIME]
    )
    for number in unwatched:
        if not register(number=number):
            break  # the index is silent; the next round asks again
    gone = list(SavedSearch.objects.filter(status=SavedStatus.DELETED, deleted_at__lte=now - UNDO)[:AT_A_TIME])
    for search in gone:
        forget_search(search=search, now=now)
    return len(unwatched) + len(gone)
