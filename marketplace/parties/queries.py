"""Reads of parties: the public list of firms, one firm's page, one's own firm."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Prefetch, QuerySet
from django.utils import timezone

from marketplace.catalog.models import Region, ServiceCategory

from .models import Organization, Qualification, ServiceOffering, Shareholding
from .states import OfferingStatus, OrganizationStatus, QualificationStatus

CREDIT = F("credit__score") / 100.0  # points of 100; the reviews chapter keeps the score in hundredths
PUBLIC_PERCENT = Decimal(5)  # from this share on the public reads who holds it


def firms() -> QuerySet[Organization]:
    """Return the firms that may take business, with region, credit and `live_offerings` at hand."""
    live = ServiceOffering.objects.filter(status=OfferingStatus.LIVE).select_related("service").order_by("service")
    return (
        Organization.objects.active()
        .intermediaries()
        .select_related("region")
        .annotate(credit_points=CREDIT)
        .prefetch_related(Prefetch("offerings", live, to_attr="live_offerings"))
        .order_by("-entered_at", "-pk")
    )


def offered(organization: Organization) -> list[ServiceOffering]:
    """Return what a firm offers, withdrawn offers left out, live ones first."""
    rows = organization.offerings.exclude(status=OfferingStatus.WITHDRAWN).select_related("service")
    order = list(OfferingStatus.values)
    return sorted(rows, key=lambda row: (order.index(row.status), row.service.code))


def shown_qualifications(organization: Organization) -> QuerySet[Qualification]:
    """Return the certificates that the public reads: valid ones and those being checked."""
    return (
        organization.qualifications.filter(status__in=[QualificationStatus.VALID, QualificationStatus.DECLARED])
        .select_related("kind")
        .order_by("kind__code", "pk")
    )


def shareholders(organization: Organization) -> QuerySet[Shareholding]:
    """Return all holders of an organization, the largest share first."""
    return organization.shareholdings.order_by("-percent", "pk")


def shown_shareholders(organization: Organization) -> QuerySet[Shareholding]:
    """Return the holders that the public reads."""
    return shareholders(organization).filter(percent__gte=PUBLIC_PERCENT)


def ended_suspensions(now: datetime) -> QuerySet[Organization]:
    """Return the parties whose suspension has reached its end."""
    return Organization.objects.filter(status=OrganizationStatus.SUSPENDED, suspended_until__lte=now)


def expired_qualifications(now: datetime) -> QuerySet[Qualification]:
    """Return valid certificates whose last day has passed in Shanghai."""
    return Qualification.objects.filter(
        status=QualificationStatus.VALID, valid_until__lt=timezone.localdate(now)
    ).select_related("organization", "kind")


def expiring_qualifications(now: datetime, days: int = 30) -> QuerySet[Qualification]:
    """Return valid certificates that end within some days; their firms are reminded once."""
    today = timezone.localdate(now)
    return Qualification.objects.filter(
        status=QualificationStatus.VALID, valid_until__gte=today, valid_until__lte=today + timedelta(days=days)
    ).select_related("organization", "kind")


def region_counts(rows: QuerySet[Organization]) -> Counter[str]:
    """Count firms by the code of their county or functional area ("360600" for the city itself, "" outside)."""
    parents = {
        region.pk: (region.code, region.level, region.parent_id)
        for region in Region.objects.only("code", "level", "parent_id")
    }
    counts: Counter[str] = Counter()
    for key, number in rows.order_by().values_list("region").annotate(number=Count("pk", distinct=True)):
        code, level, parent = parents.get(key, ("", "", None))
        if level == Region.Level.TOWNSHIP and parent is not None:
            code = parents[parent][0]
        counts[code] += number
    return counts


def group_counts(rows: QuerySet[Organization]) -> Counter[str]:
    """Count firms by the groups in which they offer something live."""
    pairs = (
        ServiceOffering.objects.filter(status=OfferingStatus.LIVE, organization__in=rows.order_by().values("pk"))
        .order_by()
        .values_list("service__group")
        .annotate(number=Count("organization", distinct=True))
    )
    return Counter(dict(pairs))


def not_offered(organization: Organization) -> QuerySet[ServiceCategory]:
    """Return the services that a firm could still offer."""
    taken = organization.offerings.exclude(status=OfferingStatus.WITHDRAWN).values("service")
    return ServiceCategory.objects.open().exclude(pk__in=taken)
