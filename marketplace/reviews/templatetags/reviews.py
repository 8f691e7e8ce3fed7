"""Tags that show a firm's reviews, score and penalties on any page."""

from __future__ import annotations

from typing import Any

from django import template

from marketplace.core import clock
from marketplace.parties.access import is_member
from marketplace.parties.models import Organization
from marketplace.reviews.models import Review
from marketplace.reviews.queries import credit_of, dimensions, penalties_of, reviews_of

register = template.Library()


@register.inclusion_tag("reviews/list.html", takes_context=True)
def reviews_of_firm(context: dict[str, Any], firm: Organization, limit: int = 20) -> dict[str, Any]:
    """Show a firm's score and its newest reviews; its own members find the link to reply."""
    score, letter, count = credit_of(firm)
    request = context.get("request")
    return {
        "reviews": list(reviews_of(firm)[:limit]),
        "score": f"{score / 100:.1f}",
        "level": letter,
        "count": count,
        "may_reply": request is not None and is_member(request.user, firm),
    }


@register.inclusion_tag("reviews/penalties.html")
def penalties_of_party(party: Organization) -> dict[str, Any]:
    """Show what is on a party's record, with points and what became of it; nothing when there is nothing."""
    return {"penalties": list(penalties_of(party)), "now": clock.now()}


@register.filter
def stars_of(review: Review) -> list[tuple[str, int]]:
    """Give the five dimensions with their stars."""
    return dimensions(review)
