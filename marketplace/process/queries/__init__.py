"""Reads across all chapters: the timeline of a process and the desk of a person."""

from .choices import DeskItem, scorer_items
from .desk import Desk, desk_of
from .entries import entry_items
from .timeline import Entry, timeline

__all__ = ["Desk", "DeskItem", "Entry", "desk_of", "entry_items", "scorer_items", "timeline"]
