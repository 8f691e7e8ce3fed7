"""Reactions: a change of a firm, a need or a page brings its document up to date; replaying changes nothing."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished

from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.proofs import proof

from . import changes, sources, watching
from .changes import CATALOG_EVENTS, FIRM_EVENTS, REVIEW_EVENTS, SERVICE_EVENTS, TENDER_EVENTS
from .documents import Kind
from .engine import Unavailable, connect, differences


def _put(key: str, version: int) -> None:
    """Write the document as it is now, or forget it when the public may no longer see it."""
    if document := changes.put(connect(), key, version):
        watching.look([document])


def put_tender(pk: int, version: int) -> None:
    """Bring a need's document up to date."""
    _put(f"{Kind.TENDER}:{pk}", version)


def put_firm(pk: int, version: int) -> None:
    """Bring a firm's document up to date."""
    _put(f"{Kind.FIRM}:{pk}", version)


def _follow(event: Event) -> None:
    for key in changes.touched(event):
        _put(key, event.pk)


# Deliveries name their handler, so each keeps its name.


@on(*TENDER_EVENTS)
def tender_may_have_changed(event: Event) -> None:
    """Read the need of the event's process anew."""
    _follow(event)


@on(*FIRM_EVENTS)
def firm_may_have_changed(event: Event) -> None:
    """Read the party of the event's process anew, and, as they name it, the needs that it posted."""
    _follow(event)


@on(*CATALOG_EVENTS)
def services_were_loaded(event: Event) -> None:
    """Read the services anew that were loaded or edited: all, or those of one row."""
    _follow(event)


@on(*SERVICE_EVENTS)
def service_changed(event: Event) -> None:
    """Read one service anew; a cancelled one is forgotten."""
    _follow(event)


@on(*REVIEW_EVENTS)
def credit_may_have_changed(event: Event) -> None:
    """Read the firm anew whose work was reviewed."""
    _follow(event)


def _page_changed(instance: Page, **_signal: Any) -> None:
    """Follow Wagtail, which announces its pages itself; a search server that is silent does not stop an editor."""

    pk = instance.pk  # gone from the instance once it is deleted

    def follow() -> None:
        try:
            _put(f"{Kind.NOTICE}:{pk}", sources.newest_event())
        except Unavailable:
            return  # `manage.py search check` finds the difference and repairs it

    transaction.on_commit(follow)


page_published.connect(_page_changed, dispatch_uid="search.page_published")
page_unpublished.connect(_page_changed, dispatch_uid="search.page_unpublished")


@proof("search")
def index_fits() -> list[str]:
    """Compare every document with the index."""
    missing, stale, surplus = differences(connect(), sources.documents(sources.newest_event()))
    return [
        *(f"{key} is not in the index" for key in missing),
        *(f"{key} is out of date in the index" for key in stale),
        *(f"{key} is in the index, but nobody may see it" for key in surplus),
        *(f"saved search {number} is not watched as its row says" for number in watching.out_of_step()),
    ]
