"""Who of 10,000 firms may provide a service that asks for a certificate and for two practitioners."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from marketplace.catalog.models import ServiceCategory
from marketplace.core import clock
from marketplace.core.models import Process
from marketplace.parties.models import (
    Organization,
    Practitioner,
    PractitionerCertificate,
    Qualification,
)
from marketplace.parties.rules import eligible, unmet
from tests.benchmarks.rows import Row

NAME = "Eligibility"
GOAL = (
    "a list of all firms that may take a need on is made while somebody waits, 1,000 ms for 10,000 firms; queries are the same for 10 "
    "firms and for 10,000. The reference reads the same rows with the raw driver and decides nothing"
)
FIRMS = 10_000
NEEDS = {"all": [{"kind": "surveying", "grade": "乙级"}, {"practitioner": "survey-engineer", "count": 2}]}
READ = (
    "SELECT id, name, status, is_intermediary FROM parties_organization",
    "SELECT organization_id, kind_id, grade, scope, valid_until, status FROM parties_qualification",
    """SELECT p.organization_id, c.kind_id, c.valid_until FROM parties_practitionercertificate c
    JOIN parties_practitioner p ON p.id = c.practitioner_id""",
    """SELECT o.organization_id, o.status, p.status, p.ends_at FROM parties_serviceoffering o
    LEFT JOIN parties_publicity p ON p.id = o.publicity_id""",
)


def run() -> list[Row]:
    service, firm = first_firm()
    multiply(firm, 9)
    few = queries(service)
    multiply(firm, FIRMS - 10)
    many = queries(service)
    assert few == many, (few, many)
    rows = Organization.objects.active().intermediaries()
    found = eligible(service, rows)
    assert len(found) == FIRMS, len(found)
    assert unmet(found[-1], service) == ""
    Qualification.objects.filter(pk__in=Qualification.objects.order_by("pk").values("pk")[: FIRMS // 2]).update(
        status="ended"
    )
    assert len(eligible(service, rows)) == FIRMS - FIRMS // 2
    print(f"  {FIRMS} firms: {many} queries", flush=True)
    ours, bare = milliseconds(lambda: eligible(service, rows)), milliseconds(read_bare)
    return [Row(name=f"Eligible of {FIRMS:,} firms", ours=ours, reference=bare, unit="ms", goal="ours <= 1000")]


def first_firm() -> tuple[ServiceCategory, Organization]:
    """Let one firm in by the actions, with its certificate, two practitioners and its notice passed."""
    from tests.factories.catalog import make_kind, make_service
    from tests.factories.parties import make_firm, pass_notices

    surveyor = make_kind(code="survey-engineer", grades=[])
    service = make_service(requirement=NEEDS["all"][0])
    firm = make_firm(services=[service])
    pass_notices(firm)
    service.requirement = NEEDS
    service.save()
    for number in range(2):
        person = Practitioner.objects.create(
            organization=firm, name="温若川", person_key=f"{number:064d}", last4="123X", joined_at=clock.now()
        )
        PractitionerCertificate.objects.create(practitioner=person, kind=surveyor, number=f"注测 {number}")
    assert unmet(firm, service) == ""
    return service, firm


_numbers = itertools.count(1)


def multiply(firm: Organization, count: int) -> None:
    """Write `count` firms like this one by bulk."""
    now, numbers = clock.now(), list(itertools.islice(_numbers, count))
    kind = Process.Kind.PARTY
    processes = Process.objects.bulk_create(
        [Process(ocid=f"bench-{one}", kind=kind, title="bench", created_at=now) for one in numbers], batch_size=500
    )
    firms = copies([firm] * count, [{"process_id": row.pk, "uscc": f"B{row.pk:017d}"} for row in processes])
    owners = [{"organization_id": one.pk} for one in firms]
    notices = copies([firm.publicities.get()] * count, owners)
    offers = [
        {"organization_id": one.pk, "publicity_id": notice.pk} for one, notice in zip(firms, notices, strict=True)
    ]
    copies([firm.offerings.get()] * count, offers)
    papers = [{"organization_id": one.pk, "number": f"B{one.pk}"} for one in firms]
    copies([firm.qualifications.get()] * count, papers)
    for person in firm.practitioners.order_by("pk"):
        keys = [{"organization_id": one.pk, "person_key": f"{person.pk}-{one.pk}"} for one in firms]
        people = copies([person] * count, keys)
        numbers_of = [{"practitioner_id": one.pk, "number": f"B{one.pk}"} for one in people]
        copies([person.certificates.get()] * count, numbers_of)


def copies(rows: list[Any], changes: list[dict[str, Any]]) -> list[Any]:
    """Write copies of rows, each with its changes, by bulk."""
    made: list[models.Model] = []
    for row, change in zip(rows, changes, strict=True):
        fields = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields if not one.primary_key}
        made.append(type(row)(**{**fields, **change}))
    return type(rows[0])._default_manager.bulk_create(made, batch_size=500)


def queries(service: ServiceCategory) -> int:
    with CaptureQueriesContext(connection) as context:
        eligible(service, Organization.objects.active().intermediaries())
    return len(context)


def read_bare() -> None:
    with closing(connection.connection.cursor()) as cursor:
        for statement in READ:
            cursor.execute(statement)
            assert cursor.fetchall()


def milliseconds(call: Callable[[], Any], times: int = 5) -> float:
    """Return the median of a call after one that warms it up."""
    call()
    found = []
    for _time in range(times):
        start = time.perf_counter()
        call()
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)
