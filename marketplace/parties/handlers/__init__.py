"""Reactions of parties and work that falls due, one room per noun."""

from . import library, messages, notices, people, qualifications, spot_checks
from .messages import DRAFT_FOLDER, sweep_entry_files
from .qualifications import end_expired, remind_of_expiry

__all__ = [
    "DRAFT_FOLDER",
    "end_expired",
    "library",
    "messages",
    "notices",
    "people",
    "qualifications",
    "remind_of_expiry",
    "spot_checks",
    "sweep_entry_files",
]
