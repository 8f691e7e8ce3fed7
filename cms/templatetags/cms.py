"""Template tags of the site's own words."""

from __future__ import annotations

from django import template
from django.db import DatabaseError

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
