"""What every page's frame shows: for whom one acts, unread messages, the demo banner, display preferences."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from marketplace.parties.access import current_organization


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give the frame's variables; costs at most two queries for somebody signed in and none for the public."""
    context: dict[str, Any] = {
        "demo": settings.DEMO,
        "theme": request.COOKIES.get("theme", ""),
        "elder": request.COOKIES.get("elder", "") == "1",
        "organization": None,
        "inbox_unread": 0,
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["organization"] = current_organization(request)
        context["inbox_unread"] = user.messages.filter(read_at=None).count()
    return context
