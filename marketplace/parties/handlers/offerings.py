"""Offers follow the catalogue: when a service asks for more or less, or a kind of certificate changes, they are judged again."""

from __future__ import annotations

from collections.abc import Iterator

from marketplace.catalog.models import CatalogImport, ServiceCategory
from marketplace.core import clock
from marketplace.core.events import on
from marketplace.core.models import Event

from ..actions import refresh_offerings
from ..eligibility import unmet_each
from ..models import Organization
from ..states import OfferingStatus

WAITING = (OfferingStatus.SUSPENDED, OfferingStatus.CHECKING)


@on("catalog_loaded", "catalog_imported", "catalog_row_changed")
def follow_catalog(event: Event) -> None:
    """Bring the offers up to date that the change may concern; firms of many services are judged once."""
    concerned: set[int] = set()
    for service in _services_of(event):
        concerned.update(_concerned(service))
    for organization in Organization.objects.filter(pk__in=concerned).order_by("pk").iterator():
        refresh_offerings(organization=organization, now=clock.now())


def _services_of(event: Event) -> Iterator[ServiceCategory]:
    services = ServiceCategory.objects.order_by("pk")
    if event.name == "catalog_row_changed":
        fields = {change["field"] for change in event.data["changes"]}
        if event.data["list"] == CatalogImport.List.SERVICES and "requirement" in fields:
            yield from services.filter(pk=int(event.subject_id))
        elif event.data["list"] == CatalogImport.List.KINDS:
            yield from services
    elif event.name == "catalog_loaded" or event.data["list"] in (
        CatalogImport.List.SERVICES,
        CatalogImport.List.KINDS,
    ):
        yield from services


def _concerned(service: ServiceCategory) -> set[int]:
    """Return the firms whose offer of a service may not stand as it does: live ones that lack something, all that wait."""
    live = Organization.objects.filter(offerings__service=service, offerings__status=OfferingStatus.LIVE)
    lacking = {pk for pk, words in unmet_each(service, live).items() if words}
    waiting = service.offerings.filter(status__in=WAITING).values_list("organization", flat=True)
    return lacking | set(waiting)
