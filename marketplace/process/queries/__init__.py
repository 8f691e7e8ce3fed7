"""Reads across all chapters: the timeline of a process and the desk of a person."""

from .desk import Desk, DeskItem, desk_of
from .timeline import Entry, timeline

__all__ = ["Desk", "DeskItem", "Entry", "desk_of", "timeline"]
