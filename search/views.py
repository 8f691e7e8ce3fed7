"""Pages of search: results with facets, and suggestions while somebody types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marketplace.tenders.models import AuctionDirection, Method
from marketplace.tenders.states import TenderStatus

from .analysis import LONGEST_QUERY, analyze
from .documents import Kind
from .engine import Hit, Result, connect
from .filters import LAST_PAGE, PER_PAGE, SEVERAL, SORTS, STATUSES, SearchFilter
from .highlight import highlight, snippet

MOST_VALUES = 12
EXAMPLES = ("环评", "造价咨询", "施工图审查", "水土保持", "zaojia")
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


@dataclass(frozen=True)
class Row:
    """One row of results as the page prints it."""

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


@dataclass(frozen=True)
class Value:
    """One value of a facet, with the address that adds it or takes it away."""

    url: str
    label: str
    count: int
    active: bool


class Addresses:
    """Make addresses of this search with one thing changed; the page number starts anew with each change."""

    def __init__(self, parameters: QueryDict) -> None:
        self.parameters = parameters

    def _url(self, changed: QueryDict) -> str:
        changed.pop("page", None)
        words = changed.urlencode()
        return reverse("search:search") + (f"?{words}" if words else "")

    def having(self, name: str, value: str) -> str:
        changed = self.parameters.copy()
        changed.pop(name, None)
        if value:
            changed[name] = value
        return self._url(changed)

    def toggled(self, name: str, value: str) -> str:
        changed = self.parameters.copy()
        values = changed.getlist(name)
        changed.setlist(name, [kept for kept in values if kept != value] if value in values else [*values, value])
        return self._url(changed)

    def without(self, *names: str) -> str:
        changed = self.parameters.copy()
        for name in names:
            changed.pop(name, None)
        return self._url(changed)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what fits; wrong parameters are named in sentences (400) and the others still count."""
    asked = SearchFilter(request.GET)
    query, problems = asked.query, asked.problems
    result = connect().search(query)
    paginator = Paginator(range(min(result.total, LAST_PAGE * PER_PAGE)), PER_PAGE)
    if query.page > paginator.num_pages:
        problems = [
            *problems,
            _("没有第 %(page)d 页，结果共 %(pages)d 页。") % {"page": query.page, "pages": paginator.num_pages},
        ]
    addresses = Addresses(request.GET)
    context = {
        "text": query.text,
        "problems": problems,
        "result": result,
        "rows": [row_of(hit, result.words, asked) for hit in result.hits],
        "page": Page(range(0), min(query.page, paginator.num_pages), paginator),
        "tabs": tabs_of(result, addresses),
        "tab_now": Kind(query.chosen["kind"][0]).label if "kind" in query.chosen else _("全部"),
        "groups": groups_of(result, asked, addresses),
        "chips": chips_of(asked, addresses),
        "clear": addresses.without(*SEVERAL),
        "sorts": [(label, addresses.having("sort", value), value == query.sort) for value, label in SORTS],
        "hidden": [
            (name, value) for name, values in request.GET.lists() if name not in {"q", "page"} for value in values
        ],
        "examples": [(word, f"{reverse('search:search')}?q={word}") for word in EXAMPLES],
        "has_words": bool(query.text) and analyze(query.text).exact is not None,
        "everywhere": addresses.without(*SEVERAL, "kind"),
    }
    return render(request, "search/search.html", context, status=400 if problems else 200)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Return suggestions in groups, as a piece of a page."""
    text = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    words = analyze(text).words
    found = connect().suggest(text) if text else {}
    groups = [
        (Kind(kind).label, ICON_OF_KIND[Kind(kind)], [(hit.url, highlight(hit.title, words)) for hit in hits])
        for kind, hits in found.items()
    ]
    answer = render(request, "search/suggestions.html", {"groups": groups, "text": text})
    answer["Cache-Control"] = "private, max-age=30"
    return answer


def row_of(hit: Hit, words: tuple[str, ...], asked: SearchFilter) -> Row:
    """Make the row of a hit from the index alone."""
    shown, kind = hit.shown, Kind(hit.kind)
    region = asked.regions.get(shown.get("region", ""))
    service = asked.services.get(shown.get("service", ""))
    place = region.label if region else ""
    word = side = ""
    quiet: list[str] = []
    if kind == Kind.TENDER:
        word = str(TenderStatus(hit.status).label)
        quiet = [shown["buyer"], place, service.label if service else "", shown["number"]]
        side = _("起始价") if shown.get("direction") == AuctionDirection.UP else _("最高限价")
    elif kind == Kind.FIRM:
        quiet = [place, _("可承接 %(count)s 项服务") % {"count": shown["services"]}]
        side = _("信用分 %(score).1f") % {"score": hit.credit / 100} if hit.credit is not None else ""
    elif kind == Kind.SERVICE:
        matters = _("用于：%(matters)s") % {"matters": shown["matters"]} if shown["matters"] else ""
        quiet = [shown["department"], Truncator(matters).chars(40)]
    return Row(
        url=hit.url,
        title=highlight(hit.title, words),
        snippet=snippet(hit.body, words) if words and kind != Kind.SERVICE else SafeString(""),
        kind=str(kind.label),
        icon=ICON_OF_KIND[kind],
        word=word,
        tag=TAG_OF_STATUS.get(TenderStatus(hit.status), "neutral") if kind == Kind.TENDER else "",
        quiet=tuple(part for part in quiet if part),
        fen=hit.money_fen,
        side=side,
        date=parse_datetime(hit.date) if hit.date and kind in {Kind.TENDER, Kind.NOTICE} else None,
    )


def tabs_of(result: Result, addresses: Addresses) -> list[tuple[str, str, int]]:
    """Make a tab for all and one for each kind, with their counts."""
    counts = result.counts["kind"]
    everything = (_("全部"), addresses.without("kind"), result.all_kinds)
    return [everything, *((str(kind.label), addresses.having("kind", kind), counts.get(kind, 0)) for kind in Kind)]


def labels_of(asked: SearchFilter) -> dict[str, dict[str, str]]:
    """Return the words for the values of each facet, in the order of the page."""
    return {
        "region": {code: region.label for code, region in asked.regions.items()},
        "service": {code: service.label for code, service in asked.services.items()},
        "status": {value: str(label) for value, label in STATUSES},
        "method": {value: str(label) for value, label in Method.choices},
    }


def groups_of(result: Result, asked: SearchFilter, addresses: Addresses) -> list[tuple[str, list[Value]]]:
    """Make the facets: what is chosen and what would still find something, commonest first where there are many."""
    groups = []
    for name, labels in labels_of(asked).items():
        counts, chosen = result.counts[name], asked.chosen.get(name, ())
        codes = [code for code in labels if code in chosen or (counts.get(code) and _is_offered(name, code, asked))]
        if len(codes) > MOST_VALUES:
            codes.sort(key=lambda code: (code not in chosen, -counts.get(code, 0)))
        values = [
            Value(addresses.toggled(name, code), labels[code], counts.get(code, 0), code in chosen)
            for code in codes[: max(MOST_VALUES, len(chosen))]
        ]
        if values:
            groups.append((str(asked.form.fields[name].label), values))
    return groups


def _is_offered(name: str, code: str, asked: SearchFilter) -> bool:
    """Leave out places that hold everything, and townships until their district is chosen."""
    if name != "region":
        return True
    region = asked.regions[code]
    if region.level in {region.Level.PROVINCE, region.Level.CITY}:
        return False
    above = next((place.code for place in asked.regions.values() if place.pk == region.parent_id), "")
    return region.level != region.Level.TOWNSHIP or above in asked.chosen["region"]


def chips_of(asked: SearchFilter, addresses: Addresses) -> list[tuple[str, str]]:
    """Make a removable chip for each chosen value."""
    labels = labels_of(asked)
    return [(labels[name][code], addresses.toggled(name, code)) for name in SEVERAL for code in asked.chosen[name]]
