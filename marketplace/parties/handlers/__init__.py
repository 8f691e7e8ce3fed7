"""Reactions of parties and work that falls due, one room per noun."""

from . import entries, library, messages, notices, offerings, people, qualifications, spot_checks
from .entries import sweep_entry_files
from .qualifications import end_expired, remind_of_expiry

__all__ = [
    "end_expired",
    "entries",
    "library",
    "messages",
    "notices",
    "offerings",
    "people",
    "qualifications",
    "remind_of_expiry",
    "spot_checks",
    "sweep_entry_files",
]
