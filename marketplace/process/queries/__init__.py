"""Reads across all chapters: the timeline of a process and the desk of a person."""

from .choices import DeskItem, scorer_items
from .desk import Desk, desk_of
from .timeline import Entry, timeline

__all__ = ["Desk", "DeskItem", "Entry", "desk_of", "scorer_items", "timeline"]
