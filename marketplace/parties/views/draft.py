"""The draft of an entry: what was typed so far, kept in the session until it is sent or given up."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import PurePath
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.utils import timezone

from marketplace.catalog.models import QualificationKind, Region, ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.catalog.requirements import Held, demands, lacking, leaves, sufficient

from ..handlers import DRAFT_FOLDER

KEY = "entry"


class Draft:
    """Wrap the session's dictionary; every `save` is kept at once."""

    def __init__(self, request: HttpRequest) -> None:
        self.session = request.session
        self.values: dict[str, Any] = dict(request.session.get(KEY, {}))

    def save(self, **values: Any) -> None:
        self.values.update(values)
        self.session[KEY] = self.values

    def clear(self) -> None:
        for one in self.qualifications.values():
            if one.get("file"):
                default_storage.delete(one["file"])
        self.session.pop(KEY, None)

    @property
    def code(self) -> str:
        return str(self.values.get("uscc", ""))

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

    def keep_file(self, upload: Any) -> dict[str, str]:
        """Keep an upload beside the session until the entry is sent."""
        name = PurePath(upload.name).name[-80:]
        path = default_storage.save(f"{DRAFT_FOLDER}/{uuid.uuid4().hex}{PurePath(name).suffix.lower()}", upload)
        return {"file": path, "file_name": name}


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
        surely = {leaf["kind"] for leaf in sufficient(service.requirement, today, kinds=kinds)}
        alternatives = _alternatives(service.requirement)
        for leaf in leaves(service.requirement):
            kind = kinds[leaf["kind"]]
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
        below = [{leaf["kind"] for leaf in leaves(part)} for part in requirement["any"]]
        common = set.intersection(*below) if below else set()
        found |= set().union(*below) - common
    for part in [*requirement.get("any", ()), *requirement.get("all", ())]:
        found |= _alternatives(part)
    return found


def as_held(qualifications: dict[str, dict[str, Any]]) -> list[Held]:
    return [
        Held(
            kind=code,
            grade=one.get("grade", ""),
            scope=one.get("scope", ""),
            valid_until=date.fromisoformat(one["valid_until"]) if one.get("valid_until") else None,
        )
        for code, one in qualifications.items()
    ]


def unfit(services: Iterable[ServiceCategory], qualifications: dict[str, dict[str, Any]]) -> list[tuple[Any, str]]:
    """Return (service, what is lacking) for each chosen service that the typed certificates do not carry."""
    services = list(services)
    kinds, today, held = kinds_for(services), timezone.localdate(), as_held(qualifications)
    pairs = [(service, lacking(service.requirement, held, today, kinds=kinds)) for service in services]
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
                    "valid_until": date.fromisoformat(one["valid_until"]) if one.get("valid_until") else None,
                    "file": file,
                }
            )
        yield arguments
