"""The page of results: rows, tabs, facets, chips, orders, and what leads on where nothing was found."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..analysis import analyze
from ..documents import Kind
from ..filters import CHOSEN, LAST_PAGE, PER_PAGE, SORTS, SearchFilter
from ..finding import Found, everything_of, find, single_words, ways_on
from ..recent import recent, remember
from .facets import Addresses, chips_of, groups_of, tabs_of
from .rows import row_of

EXAMPLES = ("环评", "造价咨询", "施工图审查", "水土保持", "zaojia")


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what fits; wrong parameters are named in sentences (400) and the others still count."""
    asked = SearchFilter(request.GET)
    found = find(asked)
    addresses = Addresses(request.GET, asked, found)
    problems = dict(asked.wrong)
    if found.is_past_the_end and "page" not in problems:
        problems["page"] = _("没有第 %(page)d 页，结果共 %(pages)d 页，下面是最后一页。") % {
            "page": asked.query.page,
            "pages": found.pages,
        }
    if found.result.total and not problems:
        remember(request, asked.typed)
    paginator = Paginator(range(min(found.result.total, LAST_PAGE * PER_PAGE)), PER_PAGE)
    context = {
        **_said(asked, found, addresses),
        "problems": list(problems.values()),
        "page": Page(range(0), found.query.page, paginator),
        "groups": groups_of(found, asked, addresses),
        "recent": [(text, _address(q=text)) for text in recent(request)] if not asked.typed else [],
        "hidden": [
            (name, value) for name, values in request.GET.lists() if name not in {"q", "page"} for value in values
        ],
    }
    if not found.result.total:
        context |= _leading_on(asked, found, addresses)
    return render(request, "search/search.html", context, status=400 if problems else 200)


def _said(asked: SearchFilter, found: Found, addresses: Addresses) -> dict[str, Any]:
    """Return what the page says of the search itself, and its rows."""
    result, query = found.result, found.query
    chips = chips_of(asked, found, addresses)
    return {
        "text": asked.typed,
        "result": result,
        "may_lag": found.may_lag,
        "meant": (found.meant, addresses.having("q", found.meant)) if found.meant else None,
        "rows": [row_of(hit, result.words, asked, query) for hit in result.hits],
        "tabs": tabs_of(result, addresses),
        "tab_now": Kind(query.chosen["kind"][0]).label if "kind" in query.chosen else _("全部"),
        "chips": chips,
        "chosen_count": len(chips),
        "clear": addresses.without(*CHOSEN) if len(chips) > 1 else "",
        "sorts": [(label, addresses.having("sort", value), value == query.sort) for value, label in SORTS[:-1]],
        "far": _far(asked, found, addresses),
    }


def _far(asked: SearchFilter, found: Found, addresses: Addresses) -> dict[str, Any]:
    """Return what the order by distance offers: the places to measure from, and which of them is meant now."""
    places = [
        (place.label, addresses.with_all(sort="distance", near=place.code), asked.data.get("near") == place.code)
        for place in asked.regions.values()
        if place.latitude is not None and place.level == place.Level.COUNTY
    ]
    origin = found.query.origin
    from_place = next((label for label, _url, is_now in places if is_now), "")
    return {
        "is_now": found.query.sort == "distance" and origin is not None,
        "places": places,
        "from": from_place or (_("您的位置") if origin else ""),
        "here": addresses.with_all(sort="distance", near="HERE"),
    }


def _address(**parameters: str) -> str:
    return f"{reverse('search:search')}?{urlencode(parameters)}"


def _leading_on(asked: SearchFilter, found: Found, addresses: Addresses) -> dict[str, Any]:
    """Return what an empty page offers: fewer conditions and single words, with how many each would find."""
    ways = [(asked.labels[name][value], addresses.toggled(name, value), total) for name, value, total in ways_on(found)]
    return {
        "ways": ways,
        "each_word": [(word, addresses.having("q", word), total) for word, total in single_words(found)],
        "examples": [(word, _address(q=word)) for word in EXAMPLES],
        "has_words": bool(asked.typed) and analyze(asked.typed).exact is not None,
        "everywhere": addresses.without(*CHOSEN, "kind"),
        "everywhere_total": everything_of(found) if found.query.chosen else 0,
    }
