"""Documents: what may be found, as plain values that no adapter and no model knows of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FACETS = ("kind", "region", "service", "status", "method")


class Kind(TextChoices):
    """The kinds of things that can be found, in the order in which pages show them."""

    TENDER = "tender", _("采购公告")
    FIRM = "firm", pgettext_lazy("doors", "中介机构")
    SERVICE = "service", _("服务事项")
    NOTICE = "notice", _("资讯帮助")


@dataclass(frozen=True)
class Document:
    """One thing that may be found by everybody.

    `version` grows with each change of the same key. `regions` holds a place's own code and those of the places around
    it; `date` is a day or moment in ISO 8601; `shown` are the words that a row of results prints besides the title.
    """

    kind: str
    id: int
    version: int
    title: str
    body: str
    url: str
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    status: str = ""
    method: str = ""
    credit: int | None = None
    money_fen: int | None = None
    date: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"

    @property
    def facets(self) -> dict[str, tuple[str, ...]]:
        """Return the values of this document per facet."""
        return {
            "kind": (self.kind,),
            "region": tuple(dict.fromkeys(self.regions)),
            "service": tuple(dict.fromkeys(self.services)),
            "status": (self.status,) if self.status else (),
            "method": (self.method,) if self.method else (),
        }

    @property
    def fingerprint(self) -> str:
        """Return a digest of all but the version."""
        content = asdict(self) | {"version": 0}
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]
