"""Verbs of search."""

from .synonyms import add_synonym, change_synonym, check_group, load_synonyms, remove_synonym

__all__ = ["add_synonym", "change_synonym", "check_group", "load_synonyms", "remove_synonym"]
