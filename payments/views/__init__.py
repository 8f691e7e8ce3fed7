"""Pages of payments, one file per noun: paying, refunds, receipts, invoices, the payer's list, the firm's funds, notices."""

from .funds import account, funds, statement
from .invoices import invoice, invoice_file
from .lists import mine, mine_table
from .notices import alipay_notify
from .paying import ask, cancel, confirm, payment, returned
from .receipts import check_receipt, receipt, receipt_pdf
from .refunds import refund

__all__ = [
    "account",
    "alipay_notify",
    "ask",
    "cancel",
    "check_receipt",
    "confirm",
    "funds",
    "invoice",
    "invoice_file",
    "mine",
    "mine_table",
    "payment",
    "receipt",
    "receipt_pdf",
    "refund",
    "returned",
    "statement",
]
