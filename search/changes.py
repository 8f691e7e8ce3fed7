"""Changes: which documents an event or an editor touches, and those documents as they are now; replaying changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from wagtail.models import Page, PageLogEntry

from marketplace.catalog.models import ServiceCategory
from marketplace.core.models import Event
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender

from . import sources
from .documents import Document, Kind
from .engine import Adapter

TENDER_EVENTS = (
    "tender_published",
    "tender_changed",
    "tender_amended",
    "tender_cancelled",
    "tender_voided",
    "tender_scrapped",
    "signup_extended",
    "tender_failed",
    "tender_completed",
    "selection_started",
    "award_proposed",
    "award_confirmed",
    "award_revoked",
    "contract_activated",
    "contract_completed",
)
FIRM_EVENTS = (
    "organization_entered",
    "organization_changed",
    "organization_suspended",
    "organization_restored",
    "organization_removed",
    "offering_added",
    "offering_withdrawn",
    "offering_suspended",
    "offering_restored",
    "offering_opened",
    "offering_announced",
    "qualification_confirmed",
    "qualification_read",
    "qualification_refused",
    "qualification_ended",
    "qualification_renewed",
    "penalty_imposed",
    "penalty_repaired",
    "penalty_withdrawn",
)
SERVICE_EVENTS = ("service_changed",)
CATALOG_EVENTS = ("catalog_loaded", "catalog_imported", "catalog_row_added", "catalog_row_changed")
REVIEW_EVENTS = ("review_published",)
EVENTS = (*TENDER_EVENTS, *FIRM_EVENTS, *SERVICE_EVENTS, *CATALOG_EVENTS, *REVIEW_EVENTS)
# PostgreSQL gives ids out before the commit, so an older one may become visible after a younger one; no transaction of ours
# spans so many events of others, or lasts so long.
OVERLAP_EVENTS = 1000
OVERLAP = timedelta(minutes=10)


def settled_event() -> int:
    """Return an id up to which every event can be seen by now."""
    newest = sources.newest_event()
    return max(0, newest - OVERLAP_EVENTS) if connection.vendor == "postgresql" else newest


def touched(event: Event) -> Iterator[str]:
    """Yield the keys of the documents that an event may have changed."""
    if event.name in TENDER_EVENTS:
        yield from _keys(Kind.TENDER, Tender.objects.filter(process_id=event.process_id))
    elif event.name in FIRM_EVENTS:
        for organization in Organization.objects.filter(process_id=event.process_id):
            yield f"{Kind.FIRM}:{organization.pk}"
            if event.name == "organization_changed":  # a need names the party that posted it
                yield from _keys(Kind.TENDER, Tender.objects.published().filter(buyer=organization))
    elif event.name in SERVICE_EVENTS:
        yield f"{Kind.SERVICE}:{event.subject_id}"
    elif event.name in CATALOG_EVENTS:
        yield from _keys(Kind.SERVICE, _services_of(event))
    elif event.name in REVIEW_EVENTS:  # credit is the firm's whose work was reviewed
        reviewed = Organization.objects.filter(reviews_received__contract__tender__process_id=event.process_id)
        yield from _keys(Kind.FIRM, reviewed)


def _services_of(event: Event) -> QuerySet[ServiceCategory]:
    """Return the services that a change of the catalogue may have changed: of one row those that show its words."""
    services = ServiceCategory.objects.all()
    if event.subject_type == "catalog.servicecategory":
        return services.filter(pk=int(event.subject_id))
    if event.subject_type == "catalog.servicematter":
        return services.filter(matters=int(event.subject_id))
    return services.none() if event.name.startswith("catalog_row_") else services


def _keys(kind: str, rows: object) -> Iterator[str]:
    for pk in rows.values_list("pk", flat=True):  # type: ignore[attr-defined]
        yield f"{kind}:{pk}"


def read(key: str, version: int) -> Document | None:
    """Return a document as it is now, or None when the public may not see it."""
    kind, _colon, number = key.partition(":")
    pk = int(number)
    if kind == Kind.TENDER:
        tender = sources.tenders().filter(pk=pk).first()
        return sources.tender_document(tender, version) if tender else None
    if kind == Kind.FIRM:
        firm = sources.firms().filter(pk=pk).first()
        return sources.firm_document(firm, version) if firm else None
    if kind == Kind.SERVICE:
        service = sources.services().filter(pk=pk).first()
        return sources.service_document(service, version) if service else None
    page = Page.objects.live().public().filter(pk=pk, depth__gt=2).specific().first()
    return sources.page_document(page, version) if page is not None and page.get_url() else None


def put(adapter: Adapter, key: str, version: int, *, into: str = "") -> Document | None:
    """Write a document as it is now, or forget it when the public may no longer see it; return what was written."""
    document = read(key, version)
    if document is None:
        adapter.delete(key, version, into=into)
    else:
        adapter.index([document], into=into)
    return document


def since(version: int, moment: datetime) -> dict[str, int]:
    """Return the documents that events after `version` or editors since `moment` touched, with the version to write them at."""
    found: dict[str, int] = {}
    for event in Event.objects.filter(pk__gt=version, name__in=EVENTS).order_by("pk").iterator():
        found |= dict.fromkeys(touched(event), event.pk)
    newest = sources.newest_event()
    entries = PageLogEntry.objects.filter(timestamp__gte=moment - OVERLAP)
    found |= dict.fromkeys(
        (f"{Kind.NOTICE}:{pk}" for pk in entries.values_list("page_id", flat=True).distinct()), newest
    )
    return found


def replay(adapter: Adapter, version: int, moment: datetime, *, into: str = "") -> int:
    """Write anew what has been touched since; return how many documents that are."""
    keys = since(version, moment)
    for key, at in keys.items():
        put(adapter, key, at, into=into)
    return len(keys)
