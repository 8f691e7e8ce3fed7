"""Verbs of accounts: open one, sign in, prove who one is, tell somebody something."""

from .addresses import ask_address, confirm_address
from .identities import link_identity, open_account, unlink_identity, use_identity
from .messages import notify, notify_each, read_message
from .opening import clean_phone, clean_username, create_account
from .records import record
from .sign_in import begin_session, reset_second_factor, sign_in

__all__ = [
    "ask_address",
    "begin_session",
    "clean_phone",
    "clean_username",
    "confirm_address",
    "create_account",
    "link_identity",
    "notify",
    "notify_each",
    "open_account",
    "read_message",
    "record",
    "reset_second_factor",
    "sign_in",
    "unlink_identity",
    "use_identity",
]
