"""Rows of search: words that mean the same, what people keep and are told of, and what firms do not want to be told of."""

from .choices import MutedService, NeedsChoice
from .saved import Alert, Letter, Rhythm, SavedSearch, Telling
from .synonyms import Synonym

__all__ = ["Alert", "Letter", "MutedService", "NeedsChoice", "Rhythm", "SavedSearch", "Synonym", "Telling"]
