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

from marketplace.catalog.models import QualificationKind, Region, ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.catalog.requirements import Held, demands, lacking, leaves, sufficient
from marketplace.core import clock

from ..actions.drafts import discard_draft, save_draft
from ..actions.lookup import look_up
from ..found import Found, day_of
from ..models import EntryDraft, Origin

KEY = "entry"
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
    def region(self) -> Region | None:
        return Region.objects.filter(code=self.values.get("region", "")).first()

    def services(self) -> list[ServiceCategory]:
        codes = self.values.get("services", [])
        return list(ServiceCategory.objects.open().filter(code__in=codes))

    def wanted(self, services: Iterable[ServiceCategory]) -> list[Demanded]:
        """Give the certificates to ask for: those of services that the library's certificates do not carry."""
        return demanded([service for service, _words in unfit(services, {}, self.found)])


class Demanded:
    """One kind of certificate that chosen services name."""

    def __init__(self, kind: QualificationKind) -> None:
        self.kind = kind
        self.scopes: set[str] = set()
        self.services: list[ServiceCategory] = []
        self.needed = False


def demanded(services: Iterable[ServiceCategory]) -> list[Demanded]:
    """Return the kinds of certificate that the services ask for today; `needed` unless only one of alternatives."""
    services = list(services)
    kinds, today = kinds_for(services), timezone.localdate()
    found: dict[str, Demanded] = {}
    for service in services:
        if not demands(service.requirement, today, kinds=kinds):
            continue
        surely = {leaf.get("kind") for leaf in sufficient(service.requirement, today, kinds=kinds)}
        alternatives = _alternatives(service.requirement)
        for leaf in leaves(service.requirement):
            kind = kinds.get(leaf.get("kind", ""))
            if kind is None:  # a practitioner, who is no certificate of the firm
                continue
            if kind.abolished_on and kind.abolished_on <= today:
                continue
            one = found.setdefault(kind.code, Demanded(kind))
            if leaf.get("scope"):
                one.scopes.add(leaf["scope"])
            if service not in one.services:
                one.services.append(service)
            one.needed |= kind.code in surely and kind.code not in alternatives
    return list(found.values())


def _alternatives(requirement: Any) -> set[str]:
    """Return the kinds that stand below an "any" beside another kind."""
    found: set[str] = set()
    if "any" in requirement:
        below = [{leaf["kind"] for leaf in leaves(part) if "kind" in leaf} for part in requirement["any"]]
        common = set.intersection(*below) if below else set()
        found |= set().union(*below) - common
    for part in [*requirement.get("any", ()), *requirement.get("all", ())]:
        found |= _alternatives(part)
    return found


def as_held(qualifications: Mapping[str, Mapping[str, Any]], found: Found | None = None) -> list[Held]:
    """Return what was typed and what the library knows for the requirement's reckoning."""
    known = [
        Held(one.kind, one.grade, one.scope, day_of(one.valid_until)) for one in (found.certificates if found else ())
    ]
    return known + [
        Held(
            kind=code,
            grade=one.get("grade", ""),
            scope=one.get("scope", ""),
            valid_until=day_of(one.get("valid_until", "")),
        )
        for code, one in qualifications.items()
    ]


def unfit(
    services: Iterable[ServiceCategory], qualifications: Mapping[str, Mapping[str, Any]], found: Found | None = None
) -> list[tuple[Any, str]]:
    """Return (service, what is lacking) for each chosen service that what was typed and is known does not carry."""
    services = list(services)
    kinds, today, held = kinds_for(services), timezone.localdate(), as_held(qualifications, found)
    people = found.people(today) if found else {}
    pairs = [
        (service, lacking(service.requirement, held, today, kinds=kinds, practitioners=people)) for service in services
    ]
    return [(service, words) for service, words in pairs if words]


@contextmanager
def opened(qualifications: dict[str, dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Give the certificates as `enter_firm` takes them, with their kept files open until the end of the block."""
    with ExitStack() as stack:
        arguments = []
        for code, one in qualifications.items():
            file = None
            if one.get("file") and default_storage.exists(one["file"]):
                kept = stack.enter_context(default_storage.open(one["file"]))
                file = File(kept, name=one["file_name"])
            arguments.append(
                {
                    "kind": code,
                    "grade": one.get("grade", ""),
                    "scope": one.get("scope", ""),
                    "number": one["number"],
                    "valid_until": day_of(one.get("valid_until", "")),
                    "file": file,
                    **_read(one),
                }
            )
        yield arguments


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
