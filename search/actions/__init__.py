"""Verbs of search."""

from .alerts import note_alerts, send_letter, tell
from .muting import choose_needs
from .registration import register
from .saved import (
    change_telling,
    delete_search,
    forget_search,
    pause_search,
    rename_search,
    restore_search,
    resume_search,
    save_search,
    stop_mail,
)

__all__ = [
    "change_telling",
    "choose_needs",
    "delete_search",
    "forget_search",
    "note_alerts",
    "pause_search",
    "register",
    "rename_search",
    "restore_search",
    "resume_search",
    "save_search",
    "send_letter",
    "stop_mail",
    "tell",
]
