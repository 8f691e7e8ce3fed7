"""The practitioners on the page of certificates: as many places as services ask for, and more at a press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ...actions.drafts import keep_file
from ...forms import EngagedForm
from ...forms.people import prefix
from ..demanded import Profession
from ..draft import NEEDED, Draft

MOST = 20  # practitioners of one profession during entry; more can be named afterwards
TEXTS = {"name": 60, "certificate_number": 60, "discipline": 120}


@dataclass(frozen=True)
class Team:
    """Be one profession with a form for each practitioner, and what the draft keeps of each."""

    asked: Profession
    forms: list[EngagedForm]
    was_sent: bool

    @property
    def may_grow(self) -> bool:
        return len(self.forms) < MOST


def teams(request: HttpRequest, draft: Draft, asked: list[Profession]) -> list[Team]:
    """Return the forms of each profession: as they were sent, or from the draft with empty ones up to the number asked for."""
    found = []
    for one in asked:
        sent = [place for place in range(MOST) if f"{prefix(one.kind, place)}-name" in request.POST]
        places = _places_sent(request, one, sent) if sent else _places_kept(draft, one)
        found.append(Team(one, [_form(request, draft, one, place) for place in places], bool(sent)))
    return found


def taken(group: list[Team]) -> tuple[dict[str, dict[str, dict[str, Any]]], bool]:
    """Return what to keep of the practitioners that were sent, by profession and place, and whether all is right.

    Every good field is kept, of a number only its key; whoever has no field filled in is left out.
    """
    kept: dict[str, dict[str, dict[str, Any]]] = {}
    is_right = True
    for team in (one for one in group if one.was_sent):
        holders: dict[str, str] = {}
        kept[team.asked.kind.code] = rows = {}
        for form in team.forms:
            form.is_valid()
            row = _row(form)
            number, key = row.get("certificate_number", ""), row.get("key", "")
            if number and key and holders.setdefault(number, key) != key:
                form.add_error("certificate_number", _("这个编号上面已经填给另一个人，请核对。"))
            is_right = is_right and not form.errors
            if row:
                rows[str(form.place)] = row
                form.file_name = row.get("file_name", "")
    return kept, is_right


def faulty(draft: Draft, asked: list[Profession]) -> bool:
    """Tell whether somebody who was named cannot be taken: works elsewhere by now, or holds a certificate no more."""
    return any(not _saved(draft, one, place, row).is_valid() for one, place, row in draft.named(asked))


def _places_sent(request: HttpRequest, one: Profession, sent: list[int]) -> list[int]:
    """Return the places that were sent, with one more or one less where that button was pressed."""
    free = [place for place in range(MOST) if place not in sent]
    left = [place for place in sent if request.POST.get("drop") != prefix(one.kind, place)]
    wanted = len(left) + 1 if request.POST.get("more") == one.kind.code else one.missing
    return left + free[: max(0, wanted - len(left))]


def _places_kept(draft: Draft, one: Profession) -> list[int]:
    kept = sorted(int(place) for place in draft.staff.get(one.kind.code, {}))
    free = [place for place in range(MOST) if place not in kept]
    return kept + free[: max(0, one.missing - len(kept))]


def _form(request: HttpRequest, draft: Draft, one: Profession, place: int) -> EngagedForm:
    row = draft.staff.get(one.kind.code, {}).get(str(place), {})
    if request.method == "POST":
        given: Any = {"data": request.POST, "files": request.FILES}
        return EngagedForm(profession=one.kind, place=place, uscc=draft.code, before=row, **given)
    if all(row.get(name) for name in NEEDED):
        return _saved(draft, one, place, row)
    initial = {key: value for key, value in row.items() if key in (*TEXTS, "valid_until")}
    return EngagedForm(profession=one.kind, place=place, uscc=draft.code, before=row, initial=initial)


def _saved(draft: Draft, one: Profession, place: int, row: Mapping[str, Any]) -> EngagedForm:
    """Return the form of somebody named in full as if it were sent again, so that what has become wrong stands at its field."""
    data = {f"{prefix(one.kind, place)}-{key}": row.get(key, "") for key in (*TEXTS, "valid_until")}
    return EngagedForm(data, profession=one.kind, place=place, uscc=draft.code, before=row)


def _row(form: EngagedForm) -> dict[str, Any]:
    if not form.has_changed():
        return {}
    values, before = form.cleaned_data, form.before
    row: dict[str, Any] = {key: before[key] for key in ("file", "file_name") if key in before}
    if values.get("file"):
        row = keep_file(upload=values["file"])
    for key, longest in TEXTS.items():
        row[key] = " ".join(str(form.data.get(form.add_prefix(key), "")).split())[:longest]
    last = values.get("valid_until")
    row["valid_until"] = last.isoformat() if last else ""
    if form.person is not None:
        row |= {"key": form.person.key, "last4": form.person.last4}
    return row
