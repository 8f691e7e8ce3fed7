"""Saved searches for tests, made by the actions."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from marketplace.core import clock
from search.actions import save_search
from search.filters import SearchFilter
from search.models import SavedSearch
from search.views.saved import parameters_of
from tests.factories.accounts import make_user


def make_saved(parameters: str = "q=图书馆", **overrides: Any) -> SavedSearch:
    """Let a person, a new one unless `by` is given, save what an address says."""
    kept = parameters_of(QueryDict(parameters))
    query = SearchFilter(QueryDict(kept)).query
    values = {
        "name": "图书馆",
        "telling": "both",
        "rhythm": "at_once",
        "by": overrides.pop("by", None) or make_user(),
        "now": clock.now(),
    }
    return save_search(parameters=kept, text=query.text, chosen=query.chosen, **{**values, **overrides})
