"""Tags that show on any page which needs fit a firm."""

from __future__ import annotations

from typing import Any

from django import template

from marketplace.core import clock
from marketplace.parties.models import Organization
from search.models import MutedService, NeedsChoice
from search.recommendation import needs_for

register = template.Library()
SHOWN = 3


@register.inclusion_tag("search/fitting/desk.html")
def fitting_needs(firm: Organization) -> dict[str, Any]:
    """Show the few open needs that fit a firm best, without services that it muted; nothing when it muted all."""
    if NeedsChoice.objects.filter(organization=firm, is_muted=True).exists():
        return {"fits": [], "is_muted": True}
    muted = MutedService.objects.filter(organization=firm).values_list("service", flat=True)
    return {"fits": needs_for(firm, clock.now(), limit=SHOWN, without=muted), "is_muted": False}
