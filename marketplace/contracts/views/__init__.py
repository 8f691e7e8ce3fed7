"""A contract's pages, and the pages of its money."""

from .contract import accept, contract, deliver, edit, file, give_back, offer, pay, pdf, received, sign
from .money import due, statement

__all__ = [
    "accept",
    "contract",
    "deliver",
    "due",
    "edit",
    "file",
    "give_back",
    "offer",
    "pay",
    "pdf",
    "received",
    "sign",
    "statement",
]
