"""Reading: how the words of a query are analysed for this adapter."""

from __future__ import annotations

from inspect import signature

from ..analysis import Analysis, analyze
from ..engine import Query

# What a query knows of the words that `analyze` can make use of.
TAKEN = tuple(name for name in signature(analyze).parameters if name != "text" and name in Query.__dataclass_fields__)


def analysis_of(query: Query) -> Analysis:
    """Return what was typed as a ladder of nodes."""
    return analyze(query.text, **{name: getattr(query, name) for name in TAKEN})
