"""The draft of an entry as the pages use it: kept in the database for who is signed in, a wish in the session before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.utils import timezone

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core import clock

from ..actions.drafts import discard_draft, save_draft
from ..actions.lookup import look_up
from ..found import Found, day_of
from ..models import EntryDraft, Origin
from ..persons import Person
from .demanded import Demanded, Profession, demanded, professions, unfit

KEY = "entry"
NEEDED = ("name", "key", "certificate_number")  # of a practitioner
STALE = timedelta(days=1)  # after which the library is asked again before the letter is shown


def keep_wish(request: HttpRequest, **values: Any) -> None:
    """Remember what somebody came for until there is an account to keep it for."""
    request.session[KEY] = {**request.session.get(KEY, {}), **values}


def wish(request: HttpRequest) -> dict[str, Any]:
    """Return what somebody came for."""
    return dict(request.session.get(KEY, {}))


class Draft:
    """Wrap the draft of a signed-in person; every `save` is kept at once."""

    def __init__(self, request: HttpRequest, role: str = "intermediary") -> None:
        self.request, self.role = request, role
        self.user: Any = request.user
        rows = EntryDraft.objects.filter(user=self.user, role=role) if self.user.is_authenticated else []
        self.row = next(iter(rows), None)
        self.values: dict[str, Any] = dict(self.row.values) if self.row else {}

    def save(self, *, step: str = "", **values: Any) -> None:
        user: Any = self.request.user
        self.row = save_draft(user=user, role=self.role, values=values, step=step, by=user, now=clock.now())
        self.values = dict(self.row.values)

    def clear(self) -> None:
        if self.row is not None:
            discard_draft(draft=self.row, by=self.request.user)
        self.request.session.pop(KEY, None)

    @property
    def code(self) -> str:
        return str(self.values.get("uscc", ""))

    @property
    def found(self) -> Found | None:
        """Give the library's answer about the code, None before it was asked."""
        return Found.restored(self.values["found"]) if self.values.get("found") else None

    @property
    def is_known(self) -> bool:
        return self.found is not None and self.found.is_known

    def look_up(self) -> Found:
        """Ask the library and keep its answer; what it knows takes the place of what was typed."""
        found = look_up(code=self.code, by=self.request.user, now=clock.now())
        self.save(found=found.kept(), **found.values)
        return found

    def freshen(self, now: datetime) -> None:
        """Ask again where the library answered more than a day ago."""
        if self.found is not None and self.found.read_at is not None and self.found.read_at < now - STALE:
            self.look_up()

    @property
    def qualifications(self) -> dict[str, dict[str, Any]]:
        """Give what was typed of each certificate, by the code of its kind."""
        return dict(self.values.get("qualifications", {}))

    def complete(self, wanted: Iterable[Demanded]) -> dict[str, dict[str, Any]]:
        """Give the certificates that are wanted and filled in, by the code of their kind."""
        codes = {one.kind.code for one in wanted}
        return {code: one for code, one in self.qualifications.items() if code in codes and one.get("number")}

    @property
    def staff(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Give what was typed of each practitioner, by the code of the profession and the place on the page."""
        return dict(self.values.get("staff", {}))

    def named(self, asked: Iterable[Profession]) -> list[tuple[Profession, int, dict[str, Any]]]:
        """Give the practitioners who are asked for and named in full: profession, place on the page, what was typed."""
        rows = [(one, int(place), row) for one in asked for place, row in self.staff.get(one.kind.code, {}).items()]
        return [(one, place, row) for one, place, row in rows if all(row.get(name) for name in NEEDED)]

    @property
    def region(self) -> Region | None:
        return Region.objects.filter(code=self.values.get("region", "")).first()

    def services(self) -> list[ServiceCategory]:
        codes = self.values.get("services", [])
        return list(ServiceCategory.objects.open().filter(code__in=codes))

    def wanted(self, services: Iterable[ServiceCategory]) -> list[Demanded]:
        """Give the certificates to ask for: those of services that the library's certificates do not carry."""
        return demanded([service for service, _words in unfit(services, {}, self.found)])

    def professions(self, services: Iterable[ServiceCategory]) -> list[Profession]:
        """Give the professions to ask for: those of services for which the library brought too few practitioners."""
        today = timezone.localdate()
        people = self.found.people(today) if self.found else {}
        return professions([one for one, _words in unfit(services, {}, self.found, people)], people)


@contextmanager
def opened(
    qualifications: Mapping[str, dict[str, Any]], named: Iterable[tuple[Profession, int, dict[str, Any]]] = ()
) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Give certificates and practitioners as `enter_firm` takes them, with their kept files open until the end of the block."""
    with ExitStack() as stack:

        def common(one: Mapping[str, Any]) -> dict[str, Any]:
            file = None
            if one.get("file") and default_storage.exists(one["file"]):
                kept = stack.enter_context(default_storage.open(one["file"]))
                file = File(kept, name=one["file_name"])
            return {"valid_until": day_of(one.get("valid_until", "")), "file": file}

        certificates = [
            {
                "kind": code,
                "grade": one.get("grade", ""),
                "scope": one.get("scope", ""),
                "number": one["number"],
                **common(one),
                **_read(one),
            }
            for code, one in qualifications.items()
        ]
        practitioners = [
            {
                "name": row["name"],
                "person": Person(row["key"], row["last4"]),
                "kind": one.kind,
                "certificate_number": row["certificate_number"],
                "discipline": row.get("discipline", ""),
                **common(row),
            }
            for one, _place, row in named
        ]
        yield {"qualifications": certificates, "practitioners": practitioners}


def _read(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a certificate that was read in the library has beside a typed one."""
    if not one.get("read_at"):
        return {}
    return {
        "identifier": one["identifier"],
        "issuer": one["issuer"],
        "issued_on": day_of(one["issued_on"]),
        "origin": Origin.AUTHORITY,
        "read_at": datetime.fromisoformat(one["read_at"]),
    }
