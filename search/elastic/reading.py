"""Reading: how the words of a query are analysed for this adapter."""

from __future__ import annotations

from ..analysis import Analysis, analyze
from ..engine import Query


def analysis_of(query: Query) -> Analysis:
    """Return what was typed as a ladder of nodes, with the words of the query that mean the same."""
    more = {"meaning": query.meaning} if query.meaning else {}
    return analyze(query.text, query.places, **more)
