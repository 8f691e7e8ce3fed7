"""Template filters for money in fen."""

from django import template

from marketplace.core.money import capitals as in_capitals
from marketplace.core.money import format_yuan

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Show fen as yuan: 123450 -> 1,234.50; nothing for None."""
    return "" if fen is None else format_yuan(int(fen))


@register.filter
def capitals(fen: int | None) -> str:
    """Show fen in Chinese capital figures."""
    return "" if fen is None else in_capitals(int(fen))
