"""Documents: what may be found, as plain values that no adapter and no model knows of."""

from __future__ import annotations

import hashlib
from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FACETS = ("kind", "region", "service", "qualification", "credit", "method", "status", "money")
DATES = "date"  # the one facet whose values depend on today: a query brings its spans along
BANDS = (0, 50_000_00, 100_000_00, 200_000_00, 500_000_00, 1_000_000_00)  # fen; the last one has no upper end


class Kind(TextChoices):
    """The kinds of things that can be found, in the order in which pages show them."""

    TENDER = "tender", _("采购公告")
    FIRM = "firm", pgettext_lazy("doors", "中介机构")
    SERVICE = "service", _("服务事项")
    NOTICE = "notice", _("资讯帮助")


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that may be found by everybody.

    `version` grows with each change of the same key. `regions` holds a place's own code and those of the places around it;
    `qualifications` the kinds that a firm holds, or that a need or service asks for; `credit` hundredths of a point and
    `credit_level` its letter. `date` and `ends` (until when a need takes firms) are moments in ISO 8601, UTC, to the second, or
    empty. `place` is latitude and longitude in degrees. `shown` are the words that a row of results prints besides the title.
    """

    kind: str
    id: int
    version: int
    title: str
    body: str
    url: str
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    qualifications: tuple[str, ...] = ()
    status: str = ""
    method: str = ""
    credit: int | None = None
    credit_level: str = ""
    money_fen: int | None = None
    date: str = ""
    ends: str = ""
    place: tuple[float, float] | None = None
    shown: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"

    @property
    def facets(self) -> dict[str, tuple[str, ...]]:
        """Return the values of this document per facet, except those of the date."""
        return {
            "kind": (self.kind,),
            "region": _different(self.regions),
            "service": _different(self.services),
            "qualification": _different(self.qualifications),
            "credit": (self.credit_level,) if self.credit_level else (),
            "method": (self.method,) if self.method else (),
            "status": (self.status,) if self.status else (),
            "money": () if self.money_fen is None else (band(self.money_fen),),
        }

    @property
    def fingerprint(self) -> str:
        """Return a digest of all but the version; an index of many computes as many, so it is made of the plain values."""
        parts = (
            self.kind, self.title, self.body, self.url, self.status, self.method, self.credit_level, self.date, self.ends,
            f"{self.id} {self.credit} {self.money_fen} {_written(self.place)}",
            *map(_ONE.join, (self.regions, self.services, self.qualifications)),
            *chain.from_iterable(sorted(self.shown.items())),
        )  # fmt: skip
        return hashlib.blake2b(_PART.join(parts).encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=4096)
def _different(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


_written = lru_cache(maxsize=1024)(str)  # of a place: many documents stand in one
_ONE, _PART = "\x1e", "\x1f"  # Unicode's separators of records and units: no title or text holds them
_BAND_VALUES = tuple(map(str, BANDS))


def band(fen: int) -> str:
    """Return the value of the facet `money` for an amount: the lower end of its band in fen."""
    return _BAND_VALUES[bisect(BANDS, fen) - 1]
