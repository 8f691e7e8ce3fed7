"""Fits: which firms a need fits and which needs a firm, ranked by the factors, each in a fixed number of queries.

The gate is the one that signing up has: requirements of the services, avoidance, credit, ties to the owner and authorship. Ties to
other firms that signed up are left out, because who signed up is nobody's to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet, prefetch_related_objects

from marketplace.bidding.conflicts import tied_pairs
from marketplace.bidding.states import BidderStatus
from marketplace.catalog.queries import kinds_for
from marketplace.parties.eligibility import prepare
from marketplace.parties.models import Organization
from marketplace.parties.states import OfferingStatus, OrganizationStatus
from marketplace.tenders.models import NAMED, Tender
from marketplace.tenders.queries import fitting_firms
from marketplace.tenders.rules import lacking, services_of
from marketplace.tenders.states import TenderStatus

from .factors import FirmFacts, NeedFacts, parts_of, score, turn
from .records import Districts, Record, records_of

MOST_NEEDS = 300  # open needs of a firm's services that are looked at, those that end first
BATCH = 500


@dataclass(frozen=True)
class Fit:
    """A firm and a need that fit: points in hundredths, 0 to 10000, and the reasons in words."""

    firm: Organization
    tender: Tender
    points: int
    reasons: tuple[str, ...]


def candidates(tender: Tender) -> QuerySet[Organization]:
    """Return the firms that offer what a need asks for, have the credit that it wants and are not kept out."""
    least = tender.minimum_credit * 100
    enough = Q(credit__score__gte=least)
    if int(tender.rules.get("credit_without_reviews", 0)) >= least:
        enough |= Q(credit__isnull=True)
    return fitting_firms(tender).filter(enough)


def ranked(tender: Tender) -> tuple[NeedFacts, list[FirmFacts]]:
    """Return the facts of a need and those of its candidates, the best firm first; a fixed number of queries."""
    districts = Districts.read()
    need = needs_facts([tender], districts)[tender.pk]
    services = [service.pk for service in services_of(tender)]
    rows = candidates(tender)
    records = records_of(rows.order_by().values("pk"), districts, services)
    start, unknown = int(tender.rules.get("credit_without_reviews", 0)), Record()
    facts = [
        records.get(firm, unknown).facts(firm, start if credit is None else credit)
        for firm, credit in rows.order_by().values_list("pk", F("credit__score"))
    ]
    points = {one.firm: sum(parts_of(one, need).values()) for one in facts}
    return need, sorted(facts, key=lambda one: (-points[one.firm], turn(tender.pk, one.firm)))


def admitted(tender: Tender, firms: Sequence[Organization]) -> list[Organization]:
    """Return those of the firms that may sign up for a need, in their order; a fixed number of queries."""
    services = services_of(tender)
    kinds = kinds_for(services)
    prepare(firms)
    prefetch_related_objects([tender], "more_services")
    tied = tied_pairs((tender, firm) for firm in firms)
    return [
        firm
        for firm in firms
        if not lacking(firm, services, tender.services_rule, kinds=kinds) and (tender.pk, firm.pk) not in tied
    ]


def firms_for(tender: Tender, limit: int = 20) -> list[Fit]:
    """Return the firms that fit a need best; a fixed number of queries.

    Three times as many as are wanted are let through the gate; where it keeps more out than that, fewer are shown.
    """
    need, facts = ranked(tender)
    best = {one.firm: one for one in facts[: 3 * limit]}
    rows = Organization.objects.select_related("region", "credit").in_bulk(list(best))
    firms = [rows[firm] for firm in best if firm in rows]
    return [_fit(firm, tender, best[firm.pk], need) for firm in admitted(tender, firms)[:limit]]


def every_fit(tender: Tender, skipped: Iterable[int] = ()) -> Iterator[list[Fit]]:
    """Yield all firms that fit a need, in batches, without those that are `skipped`: to tell each of them."""
    without = set(skipped)
    need, ranking = ranked(tender)
    facts = {one.firm: one for one in ranking if one.firm not in without}
    keys = sorted(facts)
    for begin in range(0, len(keys), BATCH):
        rows = Organization.objects.filter(pk__in=keys[begin : begin + BATCH]).order_by("pk")
        yield [_fit(firm, tender, facts[firm.pk], need) for firm in admitted(tender, list(rows))]


def _fit(firm: Organization, tender: Tender, facts: FirmFacts, need: NeedFacts) -> Fit:
    result = score(facts, need)
    return Fit(firm, tender, result.points or 0, result.reasons)


def needs_facts(tenders: Iterable[Tender], districts: Districts) -> dict[int, NeedFacts]:
    """Return the facts of needs that come with `service`, and with `more_services` prefetched where there are many."""
    found = {}
    for tender in tenders:
        district, place = districts.first(tender.region_id)
        services = (tender.service.code, *(service.code for service in tender.more_services.all()))
        found[tender.pk] = NeedFacts(tender.pk, services, district, place)
    return found


def open_needs(firm: Organization, now: datetime, without: Iterable[int] = ()) -> list[Tender]:
    """Return the needs that take sign-ups now and ask for what a firm offers, those that end first first.

    Left out are those that it signed up for or is kept out of, and those all of whose services are `without`.
    """
    offered = set(firm.offerings.filter(status=OfferingStatus.LIVE).values_list("service", flat=True))
    muted = set(without)
    rows = Tender.objects.filter(status=TenderStatus.OPEN, published_at__isnull=False, signup_ends_at__gt=now)
    further = Tender.more_services.through._default_manager.filter(servicecategory__in=offered).values("tender")
    rows = rows.filter(Q(service__in=offered) | Q(pk__in=further)).exclude(method__in=NAMED)
    rows = rows.exclude(buyer=firm).exclude(avoidances__organization=firm)
    rows = rows.exclude(bidders__in=firm.bidders.filter(status=BidderStatus.ACTIVE))
    rows = rows.for_cards().prefetch_related("more_services")
    found = []
    for tender in rows.order_by("signup_ends_at", "pk")[:MOST_NEEDS]:
        asked = {tender.service_id, *(service.pk for service in tender.more_services.all())}
        fits = asked & offered if tender.services_rule == Tender.ServicesRule.ANY else asked <= offered
        if fits and not asked <= muted:
            found.append(tender)
    return found


def needs_for(firm: Organization, now: datetime, *, limit: int = 20, without: Iterable[int] = ()) -> list[Fit]:
    """Return the open needs that fit a firm best, none of services that are `without`; a fixed number of queries."""
    if firm.status != OrganizationStatus.ACTIVE or not firm.is_intermediary:
        return []
    tenders = open_needs(firm, now, without)
    kept = getattr(firm, "credit", None)
    asked = {tender.pk: [tender.service, *tender.more_services.all()] for tender in tenders}
    kinds = kinds_for(service for services in asked.values() for service in services)
    prepare([firm])
    tied = tied_pairs((tender, firm) for tender in tenders)
    districts = Districts.read()
    record = records_of([firm.pk], districts).get(firm.pk) or Record()
    facts = needs_facts(tenders, districts)
    found = []
    for tender in tenders:
        credit = kept.score if kept is not None else int(tender.rules.get("credit_without_reviews", 0))
        if credit < tender.minimum_credit * 100 or (tender.pk, firm.pk) in tied:
            continue
        lacks = lacking(firm, asked[tender.pk], tender.services_rule, kinds=kinds)
        result = score(record.facts(firm.pk, credit, lacks), facts[tender.pk])
        if result.points is not None:
            found.append(Fit(firm, tender, result.points, result.reasons))
    return sorted(found, key=lambda fit: (-fit.points, fit.tender.signup_ends_at, turn(fit.tender.pk, firm.pk)))[:limit]
