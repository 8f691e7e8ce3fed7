"""Suggestions while somebody types: by kind, and the visitor's own last searches."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from .. import lexicon
from ..analysis import LONGEST_QUERY, analyze
from ..documents import Kind
from ..engine import connect
from ..highlight import highlight
from ..recent import forget, recent
from .rows import ICON_OF_KIND

IN_ORDER = (Kind.FIRM, Kind.SERVICE, Kind.TENDER, Kind.NOTICE)
MOST_RECENT = 5


def typed_of(request: HttpRequest) -> str:
    """Return what has been typed so far."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Return suggestions in groups, as a piece of a page; without words only the visitor's own last searches."""
    text = typed_of(request)
    meaning = lexicon.read().meaning
    words = analyze(text, meaning=meaning).words
    found = connect().suggest(text, meaning=meaning) if text else {}
    groups = [
        (kind.label, ICON_OF_KIND[kind], [(hit.url, highlight(hit.title, words)) for hit in found[kind]])
        for kind in IN_ORDER
        if found.get(kind)
    ]
    address = reverse("search:search")
    own = [(f"{address}?{urlencode({'q': past})}", past) for past in recent(request, text) if past != text]
    context = {
        "groups": groups,
        "recent": own[:MOST_RECENT],
        "text": text,
        "all": f"{address}?{urlencode({'q': text})}",
    }
    answer = render(request, "search/suggestions.html", context)
    answer["Cache-Control"] = "private, no-store" if own or not text else "private, max-age=30"
    return answer


@require_POST
def forget_recent(request: HttpRequest) -> HttpResponse:
    """Forget the visitor's last searches: a script gets an empty piece of a page, a form goes back to the search page."""
    forget(request)
    if request.headers.get("HX-Request"):
        return HttpResponse("")
    return redirect("search:search")
