"""Recent: a visitor's own last searches, kept in the session alone: nobody else sees them, and they can be forgotten."""

from __future__ import annotations

from django.http import HttpRequest

from .analysis import normalize

KEY = "recent_searches"
MOST = 10


def remember(request: HttpRequest, text: str) -> None:
    """Put a search first, when the visitor made it on a page of ours.

    A link from elsewhere says so (Sec-Fetch-Site), and programs that read the site say nothing: neither puts words
    into a visitor's list, nor a row into the table of sessions.
    """
    if not text or request.headers.get("Sec-Fetch-Site") != "same-origin":
        return
    kept = recent(request)
    fresh = [text, *(other for other in kept if other != text)][:MOST]
    if fresh != kept:
        request.session[KEY] = fresh


def recent(request: HttpRequest, beginning: str = "") -> list[str]:
    """Return the last searches, newest first, of those that begin with what has been typed."""
    start = normalize(beginning)
    return [text for text in request.session.get(KEY, ()) if normalize(text).startswith(start)]


def forget(request: HttpRequest) -> None:
    """Forget all of them."""
    request.session.pop(KEY, None)
