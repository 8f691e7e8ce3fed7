"""Moments: a limit on midnight is said as the end of the day before."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template

from marketplace.core.moments import until


@pytest.mark.parametrize(
    ("moment", "pattern", "words"),
    [
        (datetime(2026, 12, 1, 16, 0, tzinfo=UTC), "Y-m-d H:i", "2026-12-01 24:00"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "Y-m-d H:i", "2026-12-31 24:00"),
        (datetime(2026, 12, 1, 16, 0, tzinfo=UTC), "m-d", "12-01"),
        (datetime(2026, 12, 1, 16, 0, tzinfo=UTC), "H:i", "24:00"),
        (datetime(2026, 12, 1, 16, 1, tzinfo=UTC), "Y-m-d H:i", "2026-12-02 00:01"),
        (datetime(2026, 12, 1, 9, 30, tzinfo=UTC), "m-d H:i", "12-01 17:30"),
    ],
)
def test_says_until_when(moment: datetime, pattern: str, words: str) -> None:
    assert until(moment, pattern) == words
    filtered = Template(f'{{% load moments %}}{{{{ moment|until:"{pattern}" }}}}').render(Context({"moment": moment}))
    assert filtered == words


def test_says_nothing_without_a_moment() -> None:
    assert Template("{% load moments %}{{ moment|until }}").render(Context({"moment": None})) == ""
