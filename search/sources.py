"""Sources: which rows of the marketplace become documents, and how; drafts and what is withdrawn never do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import ParamSpec

from django.conf import settings
from django.db.models import Max, Prefetch, QuerySet
from django.utils import translation
from wagtail.models import Page

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.catalog.states import ServiceStatus
from marketplace.core.models import Event
from marketplace.parties.models import Organization, ServiceOffering
from marketplace.parties.states import OfferingStatus
from marketplace.tenders.models import Tender

from .documents import Document, Kind

LONGEST_BODY = 4000
Parameters = ParamSpec("Parameters")


def in_site_language(build: Callable[Parameters, Document]) -> Callable[Parameters, Document]:
    """Make documents in the site's language: what is found does not depend on who caused the change or looks."""

    @wraps(build)
    def inside(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Document:
        with translation.override(settings.LANGUAGE_CODE):
            return build(*args, **kwargs)

    return inside


def newest_event() -> int:
    """Return the id of the newest event: the version of documents that are read from now on."""
    return Event.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _places(region: Region | None) -> Iterator[Region]:
    while region is not None:
        yield region
        region = region.parent


def _region_codes(region: Region | None) -> tuple[str, ...]:
    return tuple(place.code for place in _places(region) if place.level != Region.Level.PROVINCE)


def _body(*parts: str) -> str:
    return " · ".join(" ".join(part.split()) for part in parts if part.strip())[:LONGEST_BODY]


def firms() -> QuerySet[Organization]:
    """Return the firms that may take work, with what their documents need."""
    offered = (
        ServiceOffering.objects.filter(status=OfferingStatus.LIVE).select_related("service").order_by("service__code")
    )
    return (
        Organization.objects.active()
        .intermediaries()
        .select_related("region__parent__parent__parent", "credit")
        .prefetch_related(Prefetch("offerings", offered, to_attr="live_offerings"))
    )


@in_site_language
def firm_document(firm: Organization, version: int) -> Document:
    """Make the document of a firm of firms()."""
    services = [offering.service for offering in firm.live_offerings]  # type: ignore[attr-defined]
    credit = getattr(firm, "credit", None)
    place = firm.region.name if firm.region else ""
    return Document(
        kind=Kind.FIRM,
        id=firm.pk,
        version=version,
        title=firm.name,
        body=_body(firm.introduction, "、".join(service.name for service in services), place, firm.uscc or ""),
        url=firm.get_absolute_url(),
        regions=_region_codes(firm.region),
        services=tuple(service.code for service in services),
        credit=credit.score if credit else None,
        date=firm.entered_at.isoformat(timespec="seconds"),
        shown={"region": firm.region.code if firm.region else "", "services": str(len(services))},
    )


def tenders() -> QuerySet[Tender]:
    """Return the needs that the public may see, with what their documents need."""
    return Tender.objects.published().select_related("buyer", "service", "region__parent__parent__parent")


@in_site_language
def tender_document(tender: Tender, version: int) -> Document:
    """Make the document of a published need."""
    assert tender.published_at is not None
    return Document(
        kind=Kind.TENDER,
        id=tender.pk,
        version=version,
        title=tender.title,
        body=_body(tender.description, tender.service.name, tender.buyer.name, tender.region.name, tender.number),
        url=tender.get_absolute_url(),
        regions=_region_codes(tender.region),
        services=(tender.service.code,),
        status=tender.status,
        method=tender.method,
        money_fen=tender.ceiling_fen,
        date=tender.published_at.isoformat(timespec="seconds"),
        shown={
            "number": tender.number,
            "direction": tender.auction_direction,
            "buyer": tender.buyer.name,
            "region": tender.region.code,
            "service": tender.service.code,
            "signup_ends_at": tender.signup_ends_at.isoformat(timespec="seconds"),
        },
    )


def services() -> QuerySet[ServiceCategory]:
    """Return the services of the list that are in force."""
    return ServiceCategory.objects.exclude(status=ServiceStatus.CANCELLED).prefetch_related("matters")


@in_site_language
def service_document(service: ServiceCategory, version: int) -> Document:
    """Make the document of a service of the list."""
    matters = "、".join(matter.name for matter in service.matters.all())
    return Document(
        kind=Kind.SERVICE,
        id=service.pk,
        version=version,
        title=service.name,
        body=_body(
            matters, service.get_group_display(), service.department, service.legal_basis, service.requirement_text
        ),
        url=service.get_absolute_url(),
        services=(service.code,),
        shown={"department": service.department, "matters": matters},
    )


def pages() -> Iterable[Page]:
    """Return the pages that everybody may read, except the roots of sites."""
    return Page.objects.live().public().filter(depth__gt=2).specific().iterator()


@in_site_language
def page_document(page: Page, version: int) -> Document:
    """Make the document of a page from the fields that its class declares as searchable."""
    words = []
    for field in page.get_search_fields():
        value = field.get_value(page) if type(field).__name__ == "SearchField" and field.field_name != "title" else None
        if value:
            words.append(" ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
    return Document(
        kind=Kind.NOTICE,
        id=page.pk,
        version=version,
        title=page.title,
        body=_body(page.search_description, *words),
        url=page.get_url() or "",
        date=page.first_published_at.isoformat(timespec="seconds") if page.first_published_at else "",
    )


def documents(version: int) -> Iterator[Document]:
    """Make every document there is, in an order that a progress line can follow."""
    for service in services().iterator(chunk_size=500):
        yield service_document(service, version)
    for firm in firms().iterator(chunk_size=500):
        yield firm_document(firm, version)
    for tender in tenders().iterator(chunk_size=500):
        yield tender_document(tender, version)
    for page in pages():
        if page.get_url():
            yield page_document(page, version)
