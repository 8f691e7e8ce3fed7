"""Sources: which rows of the marketplace become documents, and how; drafts and what is withdrawn never do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time
from functools import wraps
from typing import Any, ParamSpec

from django.conf import settings
from django.db.models import Max, Prefetch, QuerySet
from django.utils import translation
from wagtail.fields import StreamField
from wagtail.models import Page

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.catalog.requirements import leaves
from marketplace.catalog.states import ServiceStatus
from marketplace.core.models import Event
from marketplace.core.workdays import SHANGHAI
from marketplace.parties.models import Organization, Qualification, ServiceOffering
from marketplace.parties.states import OfferingStatus, QualificationStatus
from marketplace.reviews.scoring import level
from marketplace.tenders.models import Tender
from marketplace.tenders.states import TenderStatus

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


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


def _asked_by(services: Iterable[ServiceCategory]) -> tuple[str, ...]:
    """Return the kinds of qualification that these services ask for, alternatives among them, each once."""
    return tuple(dict.fromkeys(leaf["kind"] for service in services for leaf in leaves(service.requirement)))


def firms() -> QuerySet[Organization]:
    """Return the firms that may take work, with what their documents need."""
    offered = (
        ServiceOffering.objects.filter(status=OfferingStatus.LIVE).select_related("service").order_by("service__code")
    )
    held = Qualification.objects.filter(status=QualificationStatus.VALID).select_related("kind").order_by("kind__code")
    return (
        Organization.objects.active()
        .intermediaries()
        .select_related("region__parent__parent__parent", "credit")
        .prefetch_related(
            Prefetch("offerings", offered, to_attr="live_offerings"),
            Prefetch("qualifications", held, to_attr="held_qualifications"),
        )
    )


@in_site_language
def firm_document(firm: Organization, version: int) -> Document:
    """Make the document of a firm of firms(); certificates count while they are valid, checked or not."""
    services = [offering.service for offering in firm.live_offerings]  # type: ignore[attr-defined]
    held = [qualification.kind for qualification in firm.held_qualifications]  # type: ignore[attr-defined]
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
        qualifications=tuple(dict.fromkeys(kind.code for kind in held)),
        credit=credit.score if credit else None,
        credit_level=level(credit.score) if credit else "",
        date=_moment(firm.entered_at),
        place=firm.region.place if firm.region else None,
        shown={"region": firm.region.code if firm.region else "", "services": str(len(services))},
    )


def tenders() -> QuerySet[Tender]:
    """Return the needs that the public may see, with what their documents need."""
    related = ("buyer", "service", "region__parent__parent__parent")
    return Tender.objects.published().select_related(*related).prefetch_related("more_services")


@in_site_language
def tender_document(tender: Tender, version: int) -> Document:
    """Make the document of a published need."""
    assert tender.published_at is not None
    services = [tender.service, *tender.more_services.all()]
    takes_firms = tender.status == TenderStatus.OPEN and not tender.is_named
    return Document(
        kind=Kind.TENDER,
        id=tender.pk,
        version=version,
        title=tender.title,
        body=_body(
            tender.description,
            "、".join(service.name for service in services),
            tender.buyer.name,
            tender.region.name,
            tender.number,
        ),
        url=tender.get_absolute_url(),
        regions=_region_codes(tender.region),
        services=tuple(dict.fromkeys(service.code for service in services)),
        qualifications=_asked_by(services),
        status=tender.status,
        method=tender.method,
        money_fen=tender.ceiling_fen,
        date=_moment(tender.published_at),
        ends=_moment(tender.signup_ends_at) if takes_firms else "",
        place=tender.region.place,
        shown={
            "number": tender.number,
            "direction": tender.auction_direction,
            "buyer": tender.buyer.name,
            "region": tender.region.code,
            "service": tender.service.code,
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
        qualifications=_asked_by([service]),
        shown={"department": service.department, "matters": matters},
    )


def pages() -> Iterable[Page]:
    """Return the pages that everybody may read, except the roots of sites."""
    return Page.objects.live().public().filter(depth__gt=2).specific().iterator()


def _words_of(page: Any) -> Iterator[str]:
    """Yield the words of a page: its summary, and all that its bodies hold, block by block, without their markup."""
    yield getattr(page, "summary", "")
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            yield " ".join(field.get_searchable_content(getattr(page, field.name)))


@in_site_language
def page_document(page: Page, version: int) -> Document:
    """Make the document of a page; an announcement stands under the day that it bears."""
    day = getattr(page, "date", None)
    stands_under = datetime.combine(day, time(), SHANGHAI) if day else page.first_published_at
    return Document(
        kind=Kind.NOTICE,
        id=page.pk,
        version=version,
        title=page.title,
        body=_body(page.search_description, *_words_of(page)),
        url=page.get_url() or "",
        date=_moment(stands_under),
        shown={"source": getattr(page, "source", "")},
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
