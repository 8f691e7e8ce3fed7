"""Answers: results with facets and links to the pages beside, and suggestions."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from .. import lexicon
from ..analysis import LONGEST_QUERY, analyze
from ..distances import kilometers
from ..documents import DATES, FACETS, Kind
from ..engine import Hit, Query, connect
from ..filters import LAST_PAGE, PER_PAGE, SearchFilter
from ..finding import Found, find
from ..highlight import snippet_text, spans
from .problems import for_programs, problem

SECONDS = 30  # how long an answer may be kept


@for_programs
def search(request: HttpRequest) -> HttpResponse:
    """Answer with one page of results; refuses (400) wrong and unknown parameters, each with its sentence."""
    asked = SearchFilter(request.GET)
    problems = {name: _("没有名为“%(name)s”的参数。") % {"name": name[:40]} for name in asked.unknown} | asked.wrong
    if problems:
        return problem(400, "parameters_wrong", _("有 %(count)d 个参数不正确。") % {"count": len(problems)}, problems)
    found = find(asked)
    if found.is_past_the_end:
        sentence = _("没有这一页，结果共 %(pages)d 页。") % {"pages": found.pages}
        return problem(400, "page_past_the_end", sentence, {"page": sentence})
    return _kept(request, result_of(request.GET, asked, found))


@for_programs
def suggest(request: HttpRequest) -> HttpResponse:
    """Answer with up to four titles of each kind that fit what has been typed so far."""
    text = request.GET.get("q", "").replace("\x00", "").strip()
    if len(text) > LONGEST_QUERY:
        sentence = _("最多 %(count)d 个字。") % {"count": LONGEST_QUERY}
        return problem(400, "parameters_wrong", sentence, {"q": sentence})
    meaning = lexicon.read().meaning
    words = analyze(text, meaning=meaning).words
    found = connect().suggest(text, meaning=meaning) if text else {}
    groups = [
        {
            "kind": kind.value,
            "label": str(kind.label),
            "suggestions": [
                {"key": hit.key, "title": hit.title, "url": hit.url, "marks": spans(hit.title, words)}
                for hit in found[kind]
            ],
        }
        for kind in Kind
        if found.get(kind)
    ]
    return _kept(request, {"text": text, "groups": groups})


def _kept(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Answer with JSON that may be kept for a while, or that nothing has changed (304)."""
    written = json.dumps(body, ensure_ascii=False).encode()
    answer = HttpResponse(written, content_type="application/json; charset=utf-8")
    answer["ETag"] = f'"{hashlib.sha256(written).hexdigest()[:32]}"'
    answer["Cache-Control"] = f"public, max-age={SECONDS}"
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer


def result_of(parameters: QueryDict, asked: SearchFilter, found: Found) -> dict[str, Any]:
    """Return a page of results as the API shows it."""
    result, query = found.result, found.query
    return {
        "text": query.text,
        "narrowed_to": asked.leading.code if asked.leading and found.is_narrowed else None,
        "step": result.step,
        "meant": found.meant or None,
        "may_lag": found.may_lag,
        "sort": query.sort,
        "total": result.total,
        "page": query.page,
        "pages": found.pages,
        "per_page": PER_PAGE,
        "links": _links(parameters, query.page, found.pages),
        "results": [_hit(hit, result.words, query) for hit in result.hits],
        "facets": [_facet(name, asked, found) for name in (*FACETS, DATES)],
    }


def _links(parameters: QueryDict, page: int, pages: int) -> dict[str, str | None]:
    def to(address: str, number: int | None) -> str:
        changed = parameters.copy()
        changed.pop("page", None)
        if number and number > 1:
            changed["page"] = str(number)
        words = changed.urlencode()
        return address + (f"?{words}" if words else "")

    here = reverse("search_api:search")
    return {
        "self": to(here, page),
        "previous": to(here, page - 1) if page > 1 else None,
        "next": to(here, page + 1) if page < min(pages, LAST_PAGE) else None,
        "page": to(reverse("search:search"), page),
    }


def _hit(hit: Hit, words: tuple[str, ...], query: Query) -> dict[str, Any]:
    far = kilometers(query.origin, hit.place) if query.origin and hit.place else None
    return {
        "key": hit.key,
        "kind": hit.kind,
        "title": hit.title,
        "marks": spans(hit.title, words),
        "snippet": snippet_text(hit.body, words),
        "url": hit.url,
        "status": hit.status or None,
        "method": hit.method or None,
        "credit": hit.credit,
        "money_fen": hit.money_fen,
        "date": hit.date or None,
        "ends": hit.ends or None,
        "place": list(hit.place) if hit.place else None,
        "distance_km": None if far is None else round(far, 1),
    }


def _facet(name: str, asked: SearchFilter, found: Found) -> dict[str, Any]:
    counts, chosen = found.result.counts.get(name, {}), found.query.chosen.get(name, ())
    return {
        "name": name,
        "label": str(asked.form.fields[name].label),
        "values": [
            {"value": value, "label": label, "count": counts.get(value, 0), "chosen": value in chosen}
            for value, label in asked.labels[name].items()
            if counts.get(value) or value in chosen
        ],
    }
