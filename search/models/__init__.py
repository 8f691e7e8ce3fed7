"""Rows of search: words that mean the same."""

from .synonyms import Synonym

__all__ = ["Synonym"]
