"""What a firm may provide: the one answer, from its certificates, its practitioners and the public notice of its offer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.catalog.models import QualificationKind, ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.catalog.requirements import Held, demands, lacking
from marketplace.catalog.states import ServiceStatus
from marketplace.core import clock
from marketplace.core.moments import until as until_words

from .models import Organization, PractitionerCertificate, Publicity, Qualification, ServiceOffering
from .states import (
    CertificateStatus,
    OfferingStatus,
    OrganizationStatus,
    PractitionerStatus,
    PublicityStatus,
    QualificationStatus,
)

Kinds = Mapping[str, QualificationKind]
PLENTY = 1_000_000  # practitioners: more than any service asks for


@dataclass
class Holdings:
    """Be what a firm has to show: certificates by key (whether they are valid, and the words on them), and practitioners.

    `practitioners` are (key of the certificate, key of the person, kind, last day).
    """

    certificates: list[tuple[int, bool, Held]] = field(default_factory=list)
    practitioners: list[tuple[int, int, str, date | None]] = field(default_factory=list)

    def held(self, *, declared: bool = False, without: Iterable[int] = ()) -> list[Held]:
        """Return the valid certificates, with `declared` those too that wait for their check."""
        left_out = set(without)
        return [one for key, valid, one in self.certificates if (valid or declared) and key not in left_out]

    def persons(self, on_date: date, without: Iterable[int] = ()) -> dict[str, int]:
        """Count by kind the practitioners whose certificate is valid on a day."""
        left_out = set(without)
        people: dict[str, set[int]] = defaultdict(set)
        for key, person, kind, last in self.practitioners:
            if key not in left_out and (last is None or last >= on_date):
                people[kind].add(person)
        return {kind: len(keys) for kind, keys in people.items()}


@dataclass(frozen=True)
class Verdict:
    """Be the state that an offer should have, and why it is not live; `is_ready` for its first public notice."""

    state: str
    reason: str = ""
    is_ready: bool = False


def judge(
    service: ServiceCategory, holdings: Holdings, offering: ServiceOffering | None, *, kinds: Kinds, now: datetime
) -> Verdict:
    """Judge an offer, or an offer that would be made, at a moment.

    What stood in a notice that failed counts for nothing, so only something new leads to another notice. An offer that
    was live before there were notices stays so; one whose notice passed needs no second.
    """
    if not service.requirement:
        return Verdict(OfferingStatus.LIVE)
    today = timezone.localdate(now)
    notice = offering.publicity if offering is not None else None
    failed = notice if notice is not None and notice.status == PublicityStatus.FAILED else None
    papers = failed.certificate_keys if failed else ()
    people = holdings.persons(today, failed.practitioner_keys if failed else ())

    def missing(*, declared: bool) -> str:
        held = holdings.held(declared=declared, without=papers)
        return lacking(service.requirement, held, today, kinds=kinds, practitioners=people)

    why = missing(declared=False)
    if why:
        left = missing(declared=True)
        if not left:
            reason = _("申报的资质正在核验，通过后即可承接。%(missing)s") % {"missing": why}
            return Verdict(OfferingStatus.CHECKING, reason)
        words = left if left == why else _("%(missing)s。其余申报的资质正在核验。") % {"missing": left}
        return Verdict(OfferingStatus.SUSPENDED, _failed_words(words) if failed else words)
    if notice is not None and (notice.status == PublicityStatus.PASSED or _is_over(notice, now)):
        return Verdict(OfferingStatus.LIVE)
    if not demands(service.requirement, today, kinds=kinds):
        return Verdict(OfferingStatus.LIVE)
    if notice is None or failed:
        if offering is not None and offering.status == OfferingStatus.LIVE:
            return Verdict(OfferingStatus.LIVE)
        reason = _("资质已经核验，公示 3 个工作日后即可承接。")
        if offering is None or offering.status == OfferingStatus.WITHDRAWN:
            reason = _("请先把“%(service)s”加入承接范围。") % {"service": service.label} + reason
        return Verdict(OfferingStatus.CHECKING, reason, is_ready=True)
    if notice.status == PublicityStatus.HELD:
        return Verdict(OfferingStatus.ANNOUNCED, _("公示期间有人提出异议，处理完毕后才能承接。"))
    until = until_words(notice.ends_at)
    return Verdict(OfferingStatus.ANNOUNCED, _("正在公示，%(until)s 结束后即可承接。") % {"until": until})


def lacks_only_people(service: ServiceCategory, holdings: Holdings, *, kinds: Kinds, now: datetime) -> bool:
    """Tell whether practitioners alone stand between a firm and a service: its certificates, declared ones too, are enough."""
    today = timezone.localdate(now)
    held = holdings.held(declared=True)
    plenty = dict.fromkeys(kinds, PLENTY)
    if lacking(service.requirement, held, today, kinds=kinds, practitioners=plenty):
        return False
    return bool(lacking(service.requirement, held, today, kinds=kinds, practitioners=holdings.persons(today)))


def _is_over(notice: Publicity, now: datetime) -> bool:
    """Tell whether a notice's days are over though nobody has ended it yet."""
    return notice.status == PublicityStatus.OPEN and notice.ends_at <= now


def _failed_words(why: str) -> str:
    return _("公示期间的异议成立，公示过的资质不再计算。%(missing)s") % {"missing": why}


def holdings_of(organizations: Any) -> dict[int, Holdings]:
    """Return what each of many firms has to show, by key, in two queries; takes rows, keys or a queryset."""
    found: dict[int, Holdings] = defaultdict(Holdings)
    shown = (QualificationStatus.VALID, QualificationStatus.DECLARED)
    qualifications = Qualification.objects.filter(organization__in=organizations, status__in=shown)
    papers = qualifications.values_list("pk", "organization", "status", "kind__code", "grade", "scope", "valid_until")
    for pk, firm, status, kind, grade, scope, last in papers:
        held = Held(kind, grade, scope, last)
        found[firm].certificates.append((pk, status == QualificationStatus.VALID, held))
    certificates = PractitionerCertificate.objects.filter(
        practitioner__organization__in=organizations,
        practitioner__status=PractitionerStatus.ACTIVE,
        status=CertificateStatus.VALID,
    )
    staff = certificates.values_list("pk", "practitioner__organization", "practitioner", "kind__code", "valid_until")
    for pk, firm, person, kind, last in staff:
        found[firm].practitioners.append((pk, person, kind, last))
    return found


@dataclass
class Prepared:
    """Be what was read of a firm ahead of many questions: what it has to show, and its offers by service."""

    holdings: Holdings
    offerings: dict[int, ServiceOffering] = field(default_factory=dict)


PREPARED = "_prepared_for_eligibility"


def prepare(organizations: Iterable[Organization]) -> None:
    """Read ahead, in three queries, what `unmet` needs of these firms; it then asks the rows given, as prefetched ones."""
    rows = {row.pk: row for row in organizations}
    holdings = holdings_of(list(rows))
    for row in rows.values():
        setattr(row, PREPARED, Prepared(holdings.get(row.pk, Holdings())))
    for offering in _offerings(organization__in=list(rows)):
        getattr(rows[offering.organization_id], PREPARED).offerings[offering.service_id] = offering


def unmet(
    organization: Organization,
    service: ServiceCategory,
    *,
    kinds: Kinds | None = None,
    now: datetime | None = None,
) -> str:
    """Return "" when the firm may provide the service, else the sentence that names what stands in the way.

    `kinds` spares the look-up where one firm is asked about many services. For many firms ask `unmet_each`; for many
    firms and services, `prepare` the firms first.
    """
    in_general = _in_general(organization, service)
    if in_general or not service.requirement:
        return in_general
    prepared: Prepared | None = getattr(organization, PREPARED, None)
    if prepared is not None:
        holdings, offering = prepared.holdings, prepared.offerings.get(service.pk)
    else:
        offering = organization.offerings.filter(service=service).select_related("publicity").first()
        holdings = holdings_of([organization.pk]).get(organization.pk, Holdings())
    kinds = kinds if kinds is not None else kinds_for([service])
    return judge(service, holdings, offering, kinds=kinds, now=now or clock.now()).reason


def unmet_each(
    service: ServiceCategory, organizations: Iterable[Organization], *, now: datetime | None = None
) -> dict[int, str]:
    """Return for each of many firms, by key, what `unmet` says of it, in a constant number of queries."""
    rows = list(organizations)
    said = {row.pk: _in_general(row, service) for row in rows}
    asked = [pk for pk, words in said.items() if not words]
    if not asked or not service.requirement:
        return said
    now, kinds = now or clock.now(), kinds_for([service])
    # A queryset goes into the statements as it is: ten thousand keys would make them long.
    scope: Any = organizations.order_by().values("pk") if isinstance(organizations, QuerySet) else asked
    holdings = holdings_of(scope)
    offerings = {row.organization_id: row for row in _offerings(service=service, organization__in=scope)}
    for pk in asked:
        said[pk] = judge(service, holdings.get(pk, Holdings()), offerings.get(pk), kinds=kinds, now=now).reason
    return said


def _offerings(**wanted: Any) -> list[ServiceOffering]:
    """Read offers with their notices; what stood in a notice only of those that failed, where it matters."""
    needed = ("organization", "service", "status", "publicity__status", "publicity__ends_at")
    rows = list(ServiceOffering.objects.filter(**wanted).select_related("publicity").only(*needed))
    failed = {row.publicity_id for row in rows if row.publicity and row.publicity.status == PublicityStatus.FAILED}
    whole = Publicity.objects.in_bulk(failed) if failed else {}
    for row in rows:
        if row.publicity_id in whole:
            row.publicity = whole[row.publicity_id]
    return rows


def reasons(organization: Organization, offerings: Iterable[ServiceOffering], *, now: datetime) -> dict[int, str]:
    """Return for each of a firm's offers, by key, why it may not be taken on now, "" where it may; a constant number of queries."""
    rows = list(offerings)
    holdings = holdings_of([organization.pk]).get(organization.pk, Holdings())
    kinds = kinds_for([row.service for row in rows])
    found = {}
    for row in rows:
        why = _in_general(organization, row.service)
        found[row.pk] = why or judge(row.service, holdings, row, kinds=kinds, now=now).reason
    return found


def eligible(
    service: ServiceCategory, organizations: Iterable[Organization], *, now: datetime | None = None
) -> list[Organization]:
    """Keep, of many firms, those that may provide the service; a constant number of queries however many there are."""
    rows = list(organizations)
    said = unmet_each(service, rows, now=now)
    return [row for row in rows if not said[row.pk]]


def _in_general(organization: Organization, service: ServiceCategory) -> str:
    if not organization.is_intermediary:
        return _("“%(name)s”还没有作为中介机构入驻。") % {"name": organization.name}
    if organization.status != OrganizationStatus.ACTIVE:
        return _("“%(name)s”目前不能承接业务。") % {"name": organization.name}
    if service.status == ServiceStatus.CANCELLED:
        return _("这项服务已从目录中取消。")
    return ""
