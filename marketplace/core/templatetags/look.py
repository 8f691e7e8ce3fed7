"""Template tags that draw: icons, small price lines, marks of state."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Drawn by us on a grid of 24, lines of 1.8, round ends; marks of state are filled.
LINES = {
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
    "notice": '<path d="M6 3h9l4 4v14H6z"/><path d="M15 3v4h4M9.5 12h6M9.5 16h6"/>',
    "auction": '<path d="M3 7h5l3 5h4l3 6h3"/><path d="M17 21l4-3-3-4"/>',
    "firm": '<path d="M4 21V8l8-5 8 5v13"/><path d="M2.5 21h19M9 21v-6h6v6M9 10.5h.01M15 10.5h.01"/>',
    "service": '<path d="M4 5h16M4 12h16M4 19h10"/><circle cx="18.5" cy="19" r="2"/>',
    "eye": '<path d="M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12z"/><circle cx="12" cy="12" r="3"/>',
    "inbox": '<path d="M3 13l3-9h12l3 9v7H3z"/><path d="M3 13h5.5l1.5 3h4l1.5-3H21"/>',
    "desk": '<path d="M3 8h18M5 8v12M19 8v12M5 13h14M10 13v3h4v-3"/>',
    "moon": '<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"/>',
    "sun": '<circle cx="12" cy="12" r="4"/><path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2"/>',
    "elder": '<path d="M3 20 9 5l6 15M5 15h8"/><path d="M18 8v8M14.5 12h7"/>',
    "language": '<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c3 3 3.5 6 3.5 9S15 18 12 21c-3-3-3.5-6-3.5-9S9 6 12 3z"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4 21c.8-4.5 4-6.5 8-6.5s7.2 2 8 6.5"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.5l3.5 2"/>',
    "calendar": '<path d="M4 6h16v15H4zM4 11h16M8.5 3v5M15.5 3v5"/>',
    "file": '<path d="M6 3h8l5 5v13H6z"/><path d="M14 3v5h5"/>',
    "upload": '<path d="M12 16V4M7 9l5-5 5 5M4 20h16"/>',
    "download": '<path d="M12 4v12M7 11l5 5 5-5M4 20h16"/>',
    "arrow": '<path d="M4 12h16M14 6l6 6-6 6"/>',
    "back": '<path d="M20 12H4M10 6l-6 6 6 6"/>',
    "close": '<path d="M6 6l12 12M18 6 6 18"/>',
    "plus": '<path d="M12 4v16M4 12h16"/>',
    "check": '<path d="m4.5 12.5 5 5L20 7"/>',
    "lock": '<path d="M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3"/>',
    "chain": '<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.5 1.5"/><path d="M14 10a4 4 0 0 0-6-.4l-3 3A4 4 0 0 0 10.7 18.3l1.5-1.5"/>',
    "scales": '<path d="M12 3v18M7 21h10M5 7h14M5 7l-3 7h6zM19 7l-3 7h6z"/>',
    "pin": '<path d="M12 21s7-6.5 7-11.5a7 7 0 1 0-14 0C5 14.5 12 21 12 21z"/><circle cx="12" cy="9.5" r="2.5"/>',
    "phone": '<path d="M5 3h4l2 5-2.5 2a12 12 0 0 0 5.5 5.5l2-2.5 5 2v4c0 1-1 2-2 2A17 17 0 0 1 3 5c0-1 1-2 2-2z"/>',
    "bell": '<path d="M6 17V11a6 6 0 1 1 12 0v6l2 2H4zM10 21.5h4"/>',
    "shield": '<path d="M12 3l8 3v6c0 5-3.5 8-8 9.5C7.5 20 4 17 4 12V6z"/><path d="m8.5 12 2.5 2.5 4.5-5"/>',
}
MARKS = {
    "open": '<circle cx="6" cy="6" r="5"/>',
    "done": '<path d="M1 6.5 4.5 10 11 2.5" fill="none" stroke="currentColor" stroke-width="2.2"/>',
    "waiting": '<path d="M6 1a5 5 0 0 1 0 10z"/><circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" stroke-width="1.2"/>',
    "danger": '<path d="M6 .8 11.6 11H.4z"/>',
    "neutral": '<path d="M1.5 1.5h9v9h-9z" fill="none" stroke="currentColor" stroke-width="1.6"/>',
    "own": '<path d="M6 .5 11.5 6 6 11.5.5 6z"/>',
}


BRACKETS = re.compile(r"（[^（）]{1,8}）")


@register.filter
def whole_brackets(text: str) -> SafeString:
    """Keep a short remark in brackets, such as （第二次）, on one line."""
    return mark_safe(BRACKETS.sub(r'<span class="nowrap">\g<0></span>', escape(text)))  # noqa: S308 - escaped first


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a line icon of our own set; it is decoration, so a word stands beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(LINES[name]),  # noqa: S308 - our own constant drawings
    )


@register.simple_tag
def mark(kind: str) -> SafeString:
    """Draw the shape of a state: open, done, waiting, danger, neutral or own."""
    return format_html(
        '<svg class="mark-shape" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(MARKS.get(kind, MARKS["neutral"])),  # noqa: S308 - our own constant drawings
    )


def polyline(values: Iterable[float], width: int, height: int, pad: int = 4) -> list[tuple[float, float]]:
    """Lay values out from left to right, the largest at the top, with `pad` pixels of air on every side."""
    numbers = [float(value) for value in values]
    if not numbers:
        return []
    if len(numbers) == 1:
        numbers *= 2
    low, high = min(numbers), max(numbers)
    reach = high - low
    across = (width - 2 * pad) / (len(numbers) - 1)
    return [
        (
            round(pad + index * across, 1),
            round(pad + (height - 2 * pad) * ((high - number) / reach if reach else 0.5), 1),
        )
        for index, number in enumerate(numbers)
    ]


@register.simple_tag
def sparkline(values: Iterable[float], width: int = 120, height: int = 32) -> SafeString:
    """Draw values as a falling stair, the way a price falls: it holds until the next bid."""
    points = polyline(values, width, height)
    if not points:
        return SafeString("")
    stairs = [points[0]]
    for (_, before), (x, y) in itertools.pairwise(points):
        stairs += [(x, before), (x, y)]
    line = format_html_join(" ", "{},{}", stairs)
    last_x, last_y = points[-1]
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {0} {1}" width="{0}" height="{1}" preserveAspectRatio="none" '
        'aria-hidden="true" focusable="false"><polygon class="sparkline-under" points="{2} {3},{1} {4},{1}"/>'
        '<polyline points="{2}"/><circle cx="{3}" cy="{5}" r="3"/></svg>',
        width,
        height,
        line,
        last_x,
        points[0][0],
        last_y,
    )


@register.filter
def percent(part: float, whole: float) -> str:
    """Say a part of a whole in percent with one digit: 12500 of 100000 is "12.5%"."""
    return f"{100 * part / whole:.1f}%" if whole else ""
