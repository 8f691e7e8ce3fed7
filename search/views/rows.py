"""Rows: a hit as the page prints it, made of the index alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from marketplace.tenders.models import AuctionDirection
from marketplace.tenders.states import TenderStatus

from ..distances import kilometers
from ..documents import Kind
from ..engine import Hit, Query
from ..filters import SearchFilter
from ..highlight import highlight, snippet

TAG_OF_STATUS = {
    TenderStatus.OPEN: "open",
    TenderStatus.SELECTING: "open",
    TenderStatus.AWARDED: "waiting",
    TenderStatus.CONTRACTED: "waiting",
    TenderStatus.COMPLETED: "done",
    TenderStatus.FAILED: "danger",
    TenderStatus.CANCELLED: "neutral",
}
ICON_OF_KIND = {Kind.TENDER: "notice", Kind.FIRM: "firm", Kind.SERVICE: "service", Kind.NOTICE: "file"}
DATED = {Kind.TENDER, Kind.NOTICE}


@dataclass(frozen=True)
class Row:
    """One row of results; `ends` is set while a need takes firms."""

    url: str
    title: SafeString
    snippet: SafeString
    kind: str
    icon: str
    word: str
    tag: str
    quiet: tuple[str, ...]
    fen: int | None
    side: str
    date: datetime | None
    ends: datetime | None


def row_of(hit: Hit, words: tuple[str, ...], asked: SearchFilter, query: Query) -> Row:
    """Make the row of a hit."""
    kind = Kind(hit.kind)
    is_tender = kind == Kind.TENDER
    distance = _far(hit, query)
    return Row(
        url=hit.url,
        title=highlight(hit.title, words),
        snippet=snippet(hit.body, words) if words and kind != Kind.SERVICE else SafeString(""),
        kind=str(kind.label),
        icon=ICON_OF_KIND[kind],
        word=str(TenderStatus(hit.status).label) if is_tender else "",
        tag=TAG_OF_STATUS.get(TenderStatus(hit.status), "neutral") if is_tender else "",
        quiet=tuple(part for part in (*_quiet(kind, hit, asked), distance) if part),
        fen=hit.money_fen,
        side=_side(kind, hit),
        date=parse_datetime(hit.date) if hit.date and kind in DATED else None,
        ends=parse_datetime(hit.ends) if hit.ends > query.now else None,
    )


def _quiet(kind: Kind, hit: Hit, asked: SearchFilter) -> Iterator[str]:
    """Yield what the quiet line says of who and where."""
    shown = hit.shown
    region, service = asked.regions.get(shown.get("region", "")), asked.services.get(shown.get("service", ""))
    if kind == Kind.TENDER:
        yield shown["buyer"]
        yield region.label if region else ""
        yield service.label if service else ""
        yield shown["number"]
    elif kind == Kind.FIRM:
        yield region.label if region else ""
        yield _("可承接 %(count)s 项服务") % {"count": shown["services"]} if shown["services"] != "0" else ""
    elif kind == Kind.SERVICE:
        yield shown["department"]
        matters = _("用于：%(matters)s") % {"matters": shown["matters"]} if shown["matters"] else ""
        yield Truncator(matters).chars(40)
    else:
        yield shown.get("source", "")


def _side(kind: Kind, hit: Hit) -> str:
    """Say below or instead of the money what it is."""
    if kind == Kind.TENDER:
        return _("起始价") if hit.shown.get("direction") == AuctionDirection.UP else _("最高限价")
    if kind == Kind.FIRM and hit.credit is not None:
        return _("信用分 %(score).1f") % {"score": hit.credit / 100}
    return ""


def _far(hit: Hit, query: Query) -> str:
    """Say how far away a hit is, in whole kilometers: places are those of seats of government, not of doors."""
    if query.origin is None or hit.place is None:
        return ""
    distance = kilometers(query.origin, hit.place)
    return _("同一区域") if distance < 1 else _("约 %(km)d 公里") % {"km": round(distance)}
