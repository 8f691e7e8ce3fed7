"""Rows of search: what people keep and are told of, and what firms do not want to be told of."""

from .choices import MutedService, NeedsChoice
from .saved import Alert, Letter, Rhythm, SavedSearch, Telling

__all__ = ["Alert", "Letter", "MutedService", "NeedsChoice", "Rhythm", "SavedSearch", "Telling"]
