"""The public list of firms and the list of services at 500 and at 50,000 firms."""

import re
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core import clock
from marketplace.core.models import Process
from marketplace.parties.models import Organization, ServiceOffering
from marketplace.parties.states import OfferingStatus
from tests.benchmarks.rows import Row

NAME = "The list of firms and the catalogue"
GOAL = (
    "any firm of the country may enter, so the lists must not feel how many have: with 50,000 firms, each of four services, a page may take "
    "1.3 times what it takes with 500, with the same number of queries. Counts of places and services over more than 1,000 firms are at most a minute old; "
    "where a choice narrows the list they are made anew, and so is the first page after that minute. Medians"
)
SIZES = (500, 50_000)
PER_PAGE, SERVICES_EACH = 20, 4
PAGES = {
    "List of firms": "/firms/",
    "List of firms, page 20": "/firms/?page=20",
    "Catalogue": "/services/",
}
NARROWED = {
    "by place": "/firms/?region=360602",
    "by class of service": "/firms/?group=environment",
    "a word": "/firms/?q=造价 49",
}


def run() -> list[Row]:
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": static}):
        return measured()


def measured() -> list[Row]:
    client, took, asked = Client(), {}, {}
    for size in SIZES:
        fill(size)
        for name, address in PAGES.items():
            shown = set(re.findall(rb'href="/firms/\d+/"', client.get(address).content))
            assert len(shown) == (PER_PAGE if "firms" in address else 0), (address, len(shown))
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            asked[name, size] = len(queries)
            took[name, size] = milliseconds(partial(page, client, address))
    small, large = SIZES
    rows = []
    for name in PAGES:
        print(
            f"  {name}: {asked[name, small]} queries at {small:,} firms, {asked[name, large]} at {large:,}", flush=True
        )
        many = f"{name}, {large:,} firms beside {small:,}"
        rows += [
            Row(name=many, ours=took[name, large], reference=took[name, small], unit="ms", goal="ratio <= 1.3"),
            Row(
                name=f"… queries, {large:,} firms beside {small:,}",
                ours=asked[name, large],
                reference=asked[name, small],
                unit="",
                goal="ratio <= 1",
            ),
        ]
    for what, address in NARROWED.items():
        ours = milliseconds(partial(page, client, address))
        rows.append(
            Row(
                name=f"List of firms, {large:,}, narrowed {what}",
                ours=ours,
                reference=None,
                unit="ms",
                goal="ours <= 200",
            )
        )
    return rows


def milliseconds(call: Callable[[], None], times: int = 25) -> float:
    """Return the median of a call after three that warm it up."""
    measured = []
    for _time in range(times + 3):
        start = time.perf_counter()
        call()
        measured.append(1000 * (time.perf_counter() - start))
    return statistics.median(measured[3:])


def page(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


def fill(size: int) -> None:
    """Add firms by bulk until there are `size`, each with four live services."""
    from django.core.cache import cache
    from django.core.management import call_command

    if not ServiceCategory.objects.exists():
        call_command("load_catalog", verbosity=0)
    services, regions = list(ServiceCategory.objects.all()), [*Region.objects.all(), None]
    now, numbers = clock.now(), range(Organization.objects.count(), size)
    processes = Process.objects.bulk_create(
        Process(ocid=f"bench-party-{number}", kind=Process.Kind.PARTY, title=str(number), created_at=now)
        for number in numbers
    )
    firms = Organization.objects.bulk_create(
        (
            Organization(
                process=process, uscc=f"91BENCH{number:011d}", name=f"丹霞造价咨询第 {number} 有限公司", kind="enterprise",
                is_intermediary=True, region=regions[number % len(regions)], contact_name="王", phone="13870100000",
                commitment_hash="0" * 64, entered_at=now - timedelta(minutes=number),
            )
            for number, process in zip(numbers, processes, strict=True)
        ),
        batch_size=1000,
    )  # fmt: skip
    ServiceOffering.objects.bulk_create(
        (
            ServiceOffering(
                organization=firm,
                service=services[(at * 7 + more * 11) % len(services)],
                status=OfferingStatus.LIVE,
                since=now,
            )
            for at, firm in enumerate(firms)
            for more in range(SERVICES_EACH)
        ),
        batch_size=2000,
    )
    cache.clear()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
