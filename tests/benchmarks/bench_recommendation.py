"""Firms for a need and needs for a firm, among 10,000 fitting firms with 20,000 finished contracts, and telling all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

from django.db import connection, models
from django.test.utils import CaptureQueriesContext, override_settings

from marketplace.accounts.models import Message, User
from marketplace.awards.models import Award
from marketplace.catalog.models import Region, ServiceCategory
from marketplace.contracts.models import Contract, Deliverable, Milestone
from marketplace.core import clock
from marketplace.core.models import Process
from marketplace.parties.models import Membership, Organization, ServiceOffering
from marketplace.reviews.models import CreditScore
from marketplace.tenders.models import Tender
from search.recommendation import firms_for, needs_for
from search.recommendation.telling import tell_fitting_firms
from tests.benchmarks.rows import Row

NAME = "Recommendation"
GOAL = (
    "an owner's list of firms among 10,000 that fit is a page that people wait for, 1,000 ms; a firm's list of 300 open needs stands "
    "on its desk, 200 ms; telling 10,000 firms is done once per need after its publication, 10 s. Queries are the same for 10 firms and "
    "for 10,000. The reference is the SQL that counts the candidates with the raw driver, without records, reasons or the gate"
)
FIRMS, CONTRACTS, NEEDS = 10_000, 20_000, 300
CANDIDATES = """
SELECT COUNT(*) FROM parties_organization o
JOIN parties_serviceoffering s ON s.organization_id = o.id AND s.status = 'live'
LEFT JOIN reviews_creditscore c ON c.organization_id = o.id
WHERE o.status = 'active' AND o.is_intermediary AND s.service_id = {service}
"""


def run() -> list[Row]:
    from tests.factories.catalog import make_service
    from tests.factories.contracts import make_contract
    from tests.factories.parties import make_firm

    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):
        service = make_service()
        contract = make_contract(status="completed", service=service)
        for _number in range(9):
            make_firm(services=[service])
        tender = add_needs(service)
        few = (
            queries(lambda: firms_for(need(tender))),
            queries(lambda: needs_for(fresh(contract.supplier_id), clock.now())),
        )
        add_firms(contract, service)
        add_contracts(contract)
        many = (
            queries(lambda: firms_for(need(tender))),
            queries(lambda: needs_for(fresh(contract.supplier_id), clock.now())),
        )
        assert few == many, (few, many)
        print(f"  {FIRMS} firms: {many[0]} queries for an owner, {many[1]} for a firm", flush=True)
        return measured(tender, contract, service)


def measured(tender: Tender, contract: Contract, service: ServiceCategory) -> list[Row]:
    now, bare = clock.now(), milliseconds(lambda: count_candidates(service))
    assert len(firms_for(need(tender))) == 20
    owners = milliseconds(lambda: firms_for(need(tender)), 5)
    firms = milliseconds(lambda: needs_for(fresh(contract.supplier_id), now), 9)
    Message.objects.all().delete()
    event = tender.process.events.get(name="tender_published")
    start = time.perf_counter()
    tell_fitting_firms(event)
    told = time.perf_counter() - start
    count = Message.objects.filter(key=f"tender-{tender.pk}").count()
    assert count > FIRMS, count
    again = time.perf_counter()
    tell_fitting_firms(event)
    replay = time.perf_counter() - again
    assert Message.objects.filter(key=f"tender-{tender.pk}").count() == count
    return [
        Row(name=f"Firms for a need, {FIRMS:,} fit", ours=owners, reference=bare, unit="ms", goal="ours <= 1000"),
        Row(name=f"Needs for a firm, {NEEDS} open", ours=firms, reference=None, unit="ms", goal="ours <= 200"),
        Row(name=f"Tell {FIRMS:,} firms", ours=told, reference=None, unit="s", goal="ours <= 10"),
        Row(name=f"Tell {FIRMS:,} firms again", ours=replay, reference=None, unit="s", goal="ours <= 10"),
    ]


def fresh(firm: int) -> Organization:
    return Organization.objects.select_related("credit").get(pk=firm)


def need(tender: Tender) -> Tender:
    return Tender.objects.select_related("buyer", "service", "region", "process").get(pk=tender.pk)


def queries(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as context:
        call()
    return len(context)


def milliseconds(call: Callable[[], Any], times: int = 9) -> float:
    """Return the median of a call after one that warms it up."""
    call()
    found = []
    for _time in range(times):
        start = time.perf_counter()
        call()
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)


def count_candidates(service: ServiceCategory) -> None:
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(CANDIDATES.format(service=service.pk))
        assert cursor.fetchone()[0] > 0


def copies(row: models.Model, changes: Iterable[dict[str, Any]]) -> list[Any]:
    """Write copies of a row, each with its changes, by bulk."""
    fields = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields if not one.primary_key}
    return type(row)._default_manager.bulk_create(
        (type(row)(**{**fields, **change}) for change in changes), batch_size=500
    )


def processes(word: str, count: int) -> list[Process]:
    now = clock.now()
    kind = Process.Kind.CONTRACTING
    rows = [Process(ocid=f"ocds-{word}-{number}", kind=kind, title=word, created_at=now) for number in range(count)]
    return Process.objects.bulk_create(rows, batch_size=500)


def add_needs(service: ServiceCategory) -> Tender:
    """Publish one need by the actions, and copy it."""
    from tests.factories.tenders import make_tender

    tender = make_tender(service=service)
    copies(
        tender,
        (
            {"process_id": process.pk, "number": f"N{number:08d}", "title": f"水土保持方案编制 {number}"}
            for number, process in enumerate(processes("need", NEEDS - 1))
        ),
    )
    return need(tender)


def add_firms(contract: Contract, service: ServiceCategory) -> None:
    """Add firms that offer the service, each with a person and a credit score."""
    now, model = clock.now(), contract.supplier
    person = User.objects.filter(memberships__organization=model)[0]
    firms = copies(
        model,
        (
            {
                "process_id": process.pk,
                "uscc": f"B{number:017d}",
                "name": f"机构 {number}",
                "phone": f"p{number}",
                "email": "",
            }
            for number, process in enumerate(processes("firm", FIRMS))
        ),
    )
    people = copies(person, ({"username": f"b{number}", "phone": f"q{number}"} for number in range(FIRMS)))
    pairs = list(zip(firms, people, strict=True))
    Membership.objects.bulk_create((Membership(user=one, organization=firm) for firm, one in pairs), batch_size=500)
    offered = (ServiceOffering(organization=firm, service=service, status="live", since=now) for firm in firms)
    ServiceOffering.objects.bulk_create(offered, batch_size=500)
    CreditScore.objects.bulk_create(
        (CreditScore(organization=firm, score=6000 + firm.pk * 7 % 4000, updated_at=now) for firm in firms),
        batch_size=500,
    )


def add_contracts(contract: Contract) -> None:
    """Add finished contracts of those firms, each with one step and its result."""
    firms = list(Organization.objects.filter(name__startswith="机构 ").values_list("pk", flat=True))
    regions = list(Region.objects.values_list("pk", flat=True))
    milestone = contract.milestones.all()[0]
    deliverable = milestone.deliverables.all()[0]
    tenders = copies(
        contract.tender,
        (
            {"process_id": process.pk, "number": f"D{number:08d}", "region_id": regions[number % len(regions)]}
            for number, process in enumerate(processes("done", CONTRACTS))
        ),
    )
    suppliers = [firms[number * number % len(firms)] for number in range(CONTRACTS)]
    pairs = list(zip(tenders, suppliers, strict=True))
    awards = copies(contract.award, ({"tender_id": one.pk, "organization_id": firm} for one, firm in pairs))
    contracts = copies(
        contract,
        (
            {
                "award_id": award.pk,
                "tender_id": award.tender_id,
                "number": f"C{award.pk}",
                "supplier_id": award.organization_id,
            }
            for award in awards
        ),
    )
    steps = copies(milestone, ({"contract_id": one.pk} for one in contracts))
    copies(deliverable, ({"milestone_id": step.pk} for step in steps))
    assert (Award.objects.count(), Milestone.objects.count()) > (CONTRACTS, CONTRACTS)
    assert Deliverable.objects.count() > CONTRACTS
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
