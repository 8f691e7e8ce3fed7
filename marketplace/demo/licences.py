"""The licences of the demo world: what the local library knows of seeded organizations, and of firms that may still enter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.utils import timezone

from marketplace.licences.sandbox.invented import seed_newcomers
from marketplace.licences.sandbox.seeding import Certificate, Holder, Person, seed
from marketplace.licences.sandbox.server import Library
from marketplace.licences.sandbox.types import types
from marketplace.parties.models import Organization

from .staff import staff

FOLDER = "licence_sandbox"


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
    people = staff(organization.uscc or "", [row.kind.code for row in held], entered) if held else ()
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
            Person(
                code=one.code,
                name=one.name,
                certificate=Certificate(
                    kind=one.kind, number=one.number, issued_on=one.issued_on, valid_until=one.valid_until
                ),
            )
            for one in people
        ),
    )
