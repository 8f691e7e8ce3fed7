"""Reads of search."""

from .documents import owners_of, public_keys
from .saved import kept_searches, query_of, recently_deleted, searches_of

__all__ = ["kept_searches", "owners_of", "public_keys", "query_of", "recently_deleted", "searches_of"]
