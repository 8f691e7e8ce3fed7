"""Reads of parties: the public list of firms, one firm's page, one's own firm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, Value, When
from django.utils import timezone

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core.workdays import end_of

from .models import (
    Membership,
    Organization,
    Origin,
    PractitionerCertificate,
    Publicity,
    Qualification,
    ServiceOffering,
    Shareholding,
)
from .states import (
    CertificateStatus,
    OfferingStatus,
    OrganizationStatus,
    PractitionerStatus,
    PublicityStatus,
    QualificationStatus,
)

CREDIT = F("credit__score") / 100.0  # points of 100; the reviews chapter keeps the score in hundredths
REMINDED = (60, 30, 7)  # days before a certificate ends
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
    rows = organization.offerings.exclude(status=OfferingStatus.WITHDRAWN).select_related("service", "publicity")
    order = list(OfferingStatus.values)
    return sorted(rows, key=lambda row: (order.index(row.status), row.service.code))


def shown_qualifications(organization: Organization) -> QuerySet[Qualification]:
    """Return the certificates that the public reads: valid ones and those being checked."""
    return (
        organization.qualifications.filter(status__in=[QualificationStatus.VALID, QualificationStatus.DECLARED])
        .select_related("kind")
        .order_by("kind__code", "pk")
    )


def scans(organization: Organization) -> QuerySet[PractitionerCertificate]:
    """Return the certificates with a scan of those who work for a firm."""
    rows = PractitionerCertificate.objects.filter(
        practitioner__organization=organization, practitioner__status=PractitionerStatus.ACTIVE
    )
    return rows.exclude(file="").select_related("practitioner", "kind").order_by("kind__code", "pk")


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


def expiring_qualifications(now: datetime, days: int = max(REMINDED)) -> QuerySet[Qualification]:
    """Return valid certificates that end within some days, today among them."""
    return Qualification.objects.filter(status=QualificationStatus.VALID, valid_until__range=_days(now, 0, days))


def expired_certificates(now: datetime) -> QuerySet[PractitionerCertificate]:
    """Return valid certificates of practitioners whose last day has passed in Shanghai."""
    return PractitionerCertificate.objects.filter(
        status=CertificateStatus.VALID, valid_until__lt=timezone.localdate(now)
    ).select_related("practitioner__organization", "kind")


def expiring_certificates(now: datetime, days: int = max(REMINDED)) -> QuerySet[PractitionerCertificate]:
    """Return valid certificates of practitioners in their firm's service that end within some days."""
    return PractitionerCertificate.objects.filter(
        status=CertificateStatus.VALID,
        practitioner__status=PractitionerStatus.ACTIVE,
        valid_until__range=_days(now, 0, days),
    )


def unverified_qualifications(now: datetime) -> QuerySet[Qualification]:
    """Return the certificates with an identifier that the library has not confirmed today, the longest unasked first."""
    statuses = (QualificationStatus.DECLARED, QualificationStatus.VALID, QualificationStatus.ENDED)
    rows = Qualification.objects.exclude(identifier="").filter(_unread(now), status__in=statuses)
    return rows.select_related("organization").order_by(F("read_at").asc(nulls_first=True), "pk")


def unverified_certificates(now: datetime) -> QuerySet[PractitionerCertificate]:
    """Return the certificates of practitioners that the library has not confirmed today, the longest unasked first."""
    active = {"practitioner__status": PractitionerStatus.ACTIVE}
    rows = PractitionerCertificate.objects.exclude(identifier="").filter(_unread(now), **active)
    return rows.select_related("practitioner__organization").order_by(F("read_at").asc(nulls_first=True), "pk")


def _unread(now: datetime) -> Q:
    midnight = end_of(timezone.localdate(now) - timedelta(days=1))
    return Q(read_at__isnull=True) | Q(read_at__lt=midnight)


def _days(now: datetime, since: int, until: int) -> tuple[date, date]:
    today = timezone.localdate(now)
    return today + timedelta(days=since), today + timedelta(days=until)


def ending_powers(now: datetime, days: int = 7) -> QuerySet[Membership]:
    """Return the memberships that end within some days, or ended so many days ago."""
    rows = Membership.objects.filter(ends_on__range=_days(now, -days, days), user__is_active=True)
    return rows.select_related("user", "organization").order_by("pk")


def due_publicities(now: datetime) -> QuerySet[Publicity]:
    """Return the open public notices whose days are over."""
    rows = Publicity.objects.filter(status=PublicityStatus.OPEN, ends_at__lte=now)
    return rows.select_related("organization")


def waiting_for_notice() -> QuerySet[Organization]:
    """Return the firms with an offer that waits though a certificate is valid: ready for a notice but for the calendar."""
    waits = Q(offerings__status=OfferingStatus.CHECKING, qualifications__status=QualificationStatus.VALID)
    return Organization.objects.active().filter(waits).distinct().order_by("pk")


def shown_publicities() -> QuerySet[Publicity]:
    """Return all public notices, the newest first, with their firms and the decided objections at hand."""
    return (
        Publicity.objects.select_related("organization")
        .annotate(number=Count("objections"))
        .order_by("-starts_at", "-pk")
    )


def newest_notices(organization: Organization) -> QuerySet[Publicity]:
    """Return the public notices of a firm, the newest first."""
    return organization.publicities.annotate(number=Count("objections")).order_by("-starts_at", "-pk")


def current_qualifications(organization: Organization) -> QuerySet[Qualification]:
    """Return a firm's certificates as its desk shows them: those that end soonest first, what has ended last."""
    order = Case(
        When(status=QualificationStatus.VALID, then=Value(0)),
        When(status=QualificationStatus.DECLARED, then=Value(1)),
        default=Value(2),
    )
    rows = organization.qualifications.select_related("kind").annotate(order=order)
    return rows.order_by("order", F("valid_until").asc(nulls_last=True), "pk")


def with_days_left(rows: Iterable[Any], now: datetime) -> list[Any]:
    """Give each row `days_left` to its last day (None without one, below 0 once it is over) and `is_soon` within 60."""
    today, found = timezone.localdate(now), list(rows)
    for row in found:
        row.days_left = (row.valid_until - today).days if row.valid_until else None
        row.is_soon = row.days_left is not None and 0 <= row.days_left <= max(REMINDED)
    return found


def with_days(rows: Iterable[Membership], now: datetime) -> list[Any]:
    """Give each membership `standing`: "" today, "early" before its first day, "over" after its last."""
    today, found = timezone.localdate(now), list(rows)
    for row in found:
        is_over = row.ends_on is not None and row.ends_on < today
        is_early = row.starts_on is not None and row.starts_on > today
        row.standing = "over" if is_over else "early" if is_early else ""  # type: ignore[attr-defined]
    return found


def origins(organization: Organization) -> dict[str, str]:
    """Return for each datum of the profile where it came from, in the reader's language."""
    fields = ("name", "region", "legal_representative", "address", "contact_name", "phone", "email", "alipay_account")
    labels = dict(Origin.choices)
    return {name: str(labels[organization.origins.get(name, Origin.DECLARED)]) for name in fields}


def practitioners(organization: Organization, now: datetime) -> list[Any]:
    """Return the professionals in a firm's service, each with `shown`, their certificates, the soonest to end first."""
    certificates = PractitionerCertificate.objects.select_related("kind").order_by(
        F("valid_until").asc(nulls_last=True), "pk"
    )
    rows = organization.practitioners.filter(status=PractitionerStatus.ACTIVE)
    found = list(
        rows.prefetch_related(Prefetch("certificates", certificates, to_attr="shown")).order_by("joined_at", "pk")
    )
    for person in found:
        with_days_left(person.shown, now)
    return found


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
