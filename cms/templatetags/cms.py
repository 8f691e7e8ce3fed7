"""Template tags of the site's own words."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import DatabaseError

from cms import queries
from cms.models import SiteSettings

register = template.Library()


@register.simple_tag
def site_words() -> SiteSettings:
    """Return what the frame says about the site: one query, never a write, empty when there is nothing yet."""
    try:
        found = SiteSettings.objects.first()
    except DatabaseError:  # an error page still has a frame
        found = None
    return found or SiteSettings()


@register.simple_tag
def front_page() -> dict[str, Any]:
    """Return all that lives on the front page: auctions, needs, announcements, figures, services, districts."""
    return {
        "live": queries.live_strip(),
        "newest": queries.newest_tenders(),
        "news": queries.newest_news(),
        **queries.front(),
    }


@register.simple_tag
def services_to_try() -> list[Any]:
    """Return the services most asked for, for the search box of the front page."""
    tries: list[Any] = queries.front()["tries"]
    return tries
