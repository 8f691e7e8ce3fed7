"""Template filters for events."""

from django import template

from marketplace.core.event_words import describe
from marketplace.core.models import Event

register = template.Library()


@register.filter
def words(event: Event) -> str:
    """Say what happened."""
    return describe(event)
