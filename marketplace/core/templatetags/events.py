"""Template filters for events and the labels in them."""

from django import template

from marketplace.core.event_words import describe, label_words
from marketplace.core.models import Event

register = template.Library()


@register.filter
def words(event: Event) -> str:
    """Say what happened."""
    return describe(event)


@register.filter
def label(text: str) -> str:
    """Say the label of a firm in the reader's language."""
    return label_words(text)
