"""Lists: newest first, a page after or before an object, and whether there is more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, Q, QuerySet

from payments.shapes import shape

from .errors import ApiError, missing
from .fields import Field, Range, Text, Whole
from .routes import Call

PAGE: dict[str, Field] = {
    "limit": Whole(least=1, most=100, says="How many objects; 10 if not given."),
    "starting_after": Text(longest=64, says="Id of the object that the page follows."),
    "ending_before": Text(longest=64, says="Id of the object that the page comes before."),
}
CREATED: dict[str, Field] = {"created": Range(says="When the object was made.")}


@dataclass(frozen=True)
class Page:
    """Be a page of a list; `items` are in Stripe's shape."""

    items: list[dict[str, Any]]
    has_more: bool
    url: str

    def body(self) -> dict[str, Any]:
        return {"object": "list", "data": self.items, "has_more": self.has_more, "url": self.url}


def within(created: Mapping[str, Any] | None, name: str = "created_at") -> Q:
    """Return the filter for `created`: an object's second is the whole second, as its shape shows it."""
    found = Q()
    for bound, moment in (created or {}).items():
        if bound in {"is", "gte"}:
            found &= Q(**{f"{name}__gte": moment})
        if bound in {"is", "lte"}:
            found &= Q(**{f"{name}__lt": _next(moment)})
        if bound == "gt":
            found &= Q(**{f"{name}__gte": _next(moment)})
        if bound == "lt":
            found &= Q(**{f"{name}__lt": moment})
    return found


def _next(moment: datetime) -> datetime:
    return moment + timedelta(seconds=1)


def page(
    call: Call,
    rows: QuerySet[Any],
    *,
    url: str,
    kind: str,
    moment: str | None = "created_at",
    pk_of: Callable[[str], Any] = str,
    make: Callable[[Any], dict[str, Any]] = shape,
) -> Page:
    """Return the page of `rows` that a call asks for, ordered by `moment` (None: by key alone) and key, newest first.

    `pk_of` turns an id into a key. Refuses two cursors at once, and one that is not in the list.
    """
    form = call.form
    limit = form.get("limit", 10)
    after, before = form.get("starting_after"), form.get("ending_before")
    if after and before:
        raise ApiError(400, "You may only specify one of these parameters: starting_after, ending_before.")
    if wanted := after or before:
        param = "starting_after" if after else "ending_before"
        try:
            cursor = rows.get(pk=pk_of(wanted))
        except (rows.model.DoesNotExist, ValueError):
            raise missing(kind, wanted, param=param) from None
        rows = rows.filter(_beyond(cursor, moment, "lt" if after else "gt"))
    sign = "" if before else "-"
    order = [f"{sign}{moment}"] if moment else []
    found = list(rows.order_by(*order, f"{sign}pk")[: limit + 1])
    taken = found[:limit]
    if before:
        taken.reverse()
    return Page([make(row) for row in taken], len(found) > limit, url)


def _beyond(cursor: Model, moment: str | None, side: str) -> Q:
    if moment is None:
        return Q(**{f"pk__{side}": cursor.pk})
    at = getattr(cursor, moment)
    return Q(**{f"{moment}__{side}": at}) | Q(**{moment: at, f"pk__{side}": cursor.pk})
