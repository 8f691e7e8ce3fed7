"""Reactions: a change of a firm, a need or a page brings its document up to date; replaying changes nothing."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished

from marketplace.catalog.models import ServiceCategory
from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.proofs import proof
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender

from . import sources, watching
from .documents import Document, Kind
from .engine import Unavailable, connect, differences

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
    "qualification_confirmed",
    "qualification_refused",
    "qualification_ended",
    "penalty_imposed",
    "penalty_repaired",
    "penalty_withdrawn",
)


def _put(key: str, document: Document | None, version: int) -> None:
    """Write the document as it is now, or forget it when the public may no longer see it."""
    index = connect()
    if document is None:
        index.delete(key, version)
    else:
        index.index([document])
        watching.look([document])


def put_tender(pk: int, version: int) -> None:
    """Bring a need's document up to date."""
    tender = sources.tenders().filter(pk=pk).first()
    _put(f"{Kind.TENDER}:{pk}", sources.tender_document(tender, version) if tender else None, version)


def put_firm(pk: int, version: int) -> None:
    """Bring a firm's document up to date."""
    firm = sources.firms().filter(pk=pk).first()
    _put(f"{Kind.FIRM}:{pk}", sources.firm_document(firm, version) if firm else None, version)


@on(*TENDER_EVENTS)
def tender_may_have_changed(event: Event) -> None:
    """Read the need of the event's process anew."""
    for pk in Tender.objects.filter(process_id=event.process_id).values_list("pk", flat=True):
        put_tender(pk, event.pk)


@on(*FIRM_EVENTS)
def firm_may_have_changed(event: Event) -> None:
    """Read the party of the event's process anew, and, as they name it, the needs that it posted."""
    for organization in Organization.objects.filter(process_id=event.process_id):
        put_firm(organization.pk, event.pk)
        if event.name == "organization_changed":
            for pk in Tender.objects.published().filter(buyer=organization).values_list("pk", flat=True):
                put_tender(pk, event.pk)


def put_services(version: int, **which: Any) -> None:
    """Bring the documents of services up to date: of all, or of those that `which` names."""
    kept = {service.pk: sources.service_document(service, version) for service in sources.services().filter(**which)}
    for pk in ServiceCategory.objects.filter(**which).values_list("pk", flat=True):
        _put(f"{Kind.SERVICE}:{pk}", kept.get(pk), version)


@on("catalog_loaded")
def services_were_loaded(event: Event) -> None:
    """Read all services anew."""
    put_services(event.pk)


@on("service_changed")
def service_changed(event: Event) -> None:
    """Read one service anew; a cancelled one is forgotten."""
    put_services(event.pk, pk=event.subject_id)


@on("review_published")
def credit_may_have_changed(event: Event) -> None:
    """Read the firm anew whose work was reviewed."""
    for pk in Organization.objects.filter(reviews_received__contract__tender__process_id=event.process_id).values_list(
        "pk", flat=True
    ):
        put_firm(pk, event.pk)


def _page_changed(instance: Page, **_signal: Any) -> None:
    """Follow Wagtail, which announces its pages itself; a search server that is silent does not stop an editor."""

    pk = instance.pk  # gone from the instance once it is deleted

    def follow() -> None:
        page = Page.objects.live().public().filter(pk=pk, depth__gt=2).specific().first()
        version = sources.newest_event()
        try:
            document = sources.page_document(page, version) if page is not None and page.get_url() else None
            _put(f"{Kind.NOTICE}:{pk}", document, version)
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
    ]
