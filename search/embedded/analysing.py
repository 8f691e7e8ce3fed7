"""Analysing: read a query's words, with what the query brings along about them."""

from __future__ import annotations

import inspect

from ..analysis import Analysis, analyze
from ..engine import Query

_TAKES_MEANING = "meaning" in inspect.signature(analyze).parameters


def analysed(query: Query) -> Analysis:
    """Return the analysis of a query's text."""
    if _TAKES_MEANING:
        return analyze(query.text, query.places, meaning=query.meaning or None)  # type: ignore[call-arg]
    return analyze(query.text, query.places)
