"""Reactions of parties and work that falls due, one room per noun."""

from . import entries, messages
from .entries import sweep_entry_files
from .messages import end_expired

__all__ = ["end_expired", "entries", "messages", "sweep_entry_files"]
