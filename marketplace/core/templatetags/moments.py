"""Template filter for limits: {% load moments %} {{ until|until }} {{ until|until:"m-d H:i" }}."""

from datetime import datetime

from django import template

from marketplace.core import moments

register = template.Library()


@register.filter
def until(moment: datetime | None, pattern: str = "Y-m-d H:i") -> str:
    return moments.until(moment, pattern) if moment else ""
