"""Verbs of search."""

from .synonyms import add_synonym, change_synonym, load_synonyms, remove_synonym

__all__ = ["add_synonym", "change_synonym", "load_synonyms", "remove_synonym"]
