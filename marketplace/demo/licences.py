"""The licences of the demo world: what the local library knows of seeded organizations, and of firms that may still enter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.utils import timezone

from marketplace.licences.sandbox.invented import seed_newcomers
from marketplace.licences.sandbox.seeding import Certificate, Holder, Person, seed
from marketplace.licences.sandbox.server import Library
from marketplace.licences.sandbox.types import types
from marketplace.parties.models import Organization

from . import names

FOLDER = "licence_sandbox"
PEOPLE = 500  # practitioners are called by numbers from here on
# Who works where a qualification is held: two of each.
PROFESSIONS = {
    "surveying": "survey-engineer",
    "eia-platform": "eia-engineer",
    "engineering-design": "architect",
    "engineering-survey": "geotechnical-engineer",
    "supervision": "supervising-engineer",
    "safety-assessment": "safety-engineer",
    "fire-service": "fire-engineer",
    "asset-valuation": "asset-appraiser",
    "real-estate-valuation": "real-estate-appraiser",
    "accounting-firm": "accountant",
}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing: the seeds report their own progress."""


@contextmanager
def library_in_process(folder: Path) -> Iterator[Library]:
    """Run the local library while the seeds need it, and point the settings at it."""
    library = Library(folder / FOLDER, key=settings.LICENCE_LIBRARY_KEY)
    server = make_server("127.0.0.1", 0, library, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    before, settings.LICENCE_LIBRARY_URL = settings.LICENCE_LIBRARY_URL, f"http://127.0.0.1:{server.server_port}"
    try:
        yield library
    finally:
        settings.LICENCE_LIBRARY_URL = before
        server.shutdown()
        thread.join()
        server.server_close()
        library.close()


def seed_library(library: Library, report: Callable[[str, int, int], None]) -> int:
    """Issue the licences of everybody who has entered, and of the newcomers; returns how many. Seeding again issues none."""
    today = timezone.localdate()
    entered = Organization.objects.exclude(uscc=None).select_related("region").order_by("pk")
    rows = list(entered.prefetch_related("qualifications__kind"))
    issued = seed_newcomers(library.store, today=today)
    for turn, organization in enumerate(rows, start=1):
        issued += seed(library.store, [_holder(organization)], today=today)
        report("电子证照", turn, len(rows))
    return issued


def _holder(organization: Organization) -> Holder:
    entered = timezone.localdate(organization.entered_at)
    held = [row for row in organization.qualifications.all() if row.kind.code in types()]
    kinds = sorted({PROFESSIONS[row.kind.code] for row in held if row.kind.code in PROFESSIONS})
    return Holder(
        code=organization.uscc or "",
        name=organization.name,
        kind=organization.kind,
        legal_representative=organization.legal_representative or organization.contact_name,
        address=organization.address or "鹰潭市演示路 1 号",
        region=organization.region.code if organization.region else "",
        capital="" if organization.kind != Organization.Kind.ENTERPRISE else "叁佰万元整",
        registered_on=entered - timedelta(days=1200 + organization.pk % 900),
        certificates=tuple(
            Certificate(
                kind=row.kind.code,
                number=row.number,
                grade=row.grade,
                scope=row.scope,
                issued_on=entered - timedelta(days=200),
                valid_until=row.valid_until,
            )
            for row in held
        ),
        practitioners=tuple(
            _practitioner(organization.pk * 20 + place, kind, organization.entered_at)
            for place, kind in enumerate(kind for kind in kinds for _twice in range(2))
        ),
    )


def _practitioner(number: int, kind: str, entered_at: datetime) -> Person:
    entered = timezone.localdate(entered_at)
    certificate = Certificate(
        kind=kind,
        number=f"演示执{number:06d}",
        issued_on=entered - timedelta(days=150),
        valid_until=entered + timedelta(days=1300),
    )
    return Person(code=person_code(number), name=names.person(PEOPLE + number), certificate=certificate)


def person_code(number: int) -> str:
    """Return an invented person's number with a right check character (ISO 7064 MOD 11-2), of an area that is none (999999)."""
    born = date(1965, 1, 1) + timedelta(days=number // 999 * 31 + number % 31)
    plain = f"999999{born:%Y%m%d}{number % 999 + 1:03d}"
    total = sum(int(sign) * weight for sign, weight in zip(plain, _WEIGHTS, strict=True))
    return plain + "10X98765432"[total % 11]
