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
from .synonyms import add_synonym, change_synonym, check_group, load_synonyms, remove_synonym

__all__ = [
    "add_synonym",
    "change_synonym",
    "change_telling",
    "check_group",
    "choose_needs",
    "delete_search",
    "forget_search",
    "load_synonyms",
    "note_alerts",
    "pause_search",
    "register",
    "remove_synonym",
    "rename_search",
    "restore_search",
    "resume_search",
    "save_search",
    "send_letter",
    "stop_mail",
    "tell",
]
