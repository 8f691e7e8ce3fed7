"""Reads of payments: for their pages, and statements from the ledger."""

from .pages import PaymentPage, held_for, held_in, owed_by, payment_for, payment_page, payments_of
from .statements import StatementRow, statement_of, statement_of_group

__all__ = [
    "PaymentPage",
    "StatementRow",
    "held_for",
    "held_in",
    "owed_by",
    "payment_for",
    "payment_page",
    "payments_of",
    "statement_of",
    "statement_of_group",
]
