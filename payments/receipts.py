"""The electronic receipt 电子收据 of a payment: what it says, its number, and the code by which anybody may check it."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Sum
from django.urls import reverse

from marketplace.core.workdays import SHANGHAI

from .models import Charge, PaymentIntent
from .states import ChargeStatus, RefundStatus

PREFIX = "SJ-"
CODE_LENGTH = 16  # hexadecimal: 64 bits, more than anybody guesses at a page


@dataclass(frozen=True)
class Receipt:
    """Say that the platform received a payment and holds it; refunds that came later do not change what it says."""

    number: str
    payment: str
    payer: str
    payee: str
    amount_fen: int
    purpose: str
    held_until: str
    trade_no: str
    paid_at: datetime
    refunded_fen: int

    @property
    def hash(self) -> str:
        """Give the SHA-256 over the receipt's facts: JSON, keys in order, no spaces, UTF-8."""
        facts = {
            "number": self.number,
            "payment": self.payment,
            "payer": self.payer,
            "payee": self.payee,
            "amount_fen": self.amount_fen,
            "purpose": self.purpose,
            "held_until": self.held_until,
            "trade_no": self.trade_no,
            "paid_at": self.paid_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        }
        text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def code(self) -> str:
        """Give the beginning of the hash, to type."""
        return self.hash[:CODE_LENGTH]

    @property
    def check_url(self) -> str:
        """Give the address at which the receipt may be checked."""
        query = urlencode({"number": self.number, "code": self.code})
        return f"{settings.BASE_URL}{reverse('payments:check_receipt')}?{query}"


def receipt_of(intent: PaymentIntent) -> Receipt | None:
    """Return the receipt of a payment, or None while it is not made."""
    charge = intent.charges.filter(status=ChargeStatus.SUCCEEDED, is_late=False).first()
    return None if charge is None else _receipt(intent, charge)


def checked_receipt(*, number: str, code: str) -> Receipt | None:
    """Return the receipt with this number when `code` (16 or all 64 figures) is its own, else None."""
    trade_no = number.strip().upper().removeprefix(PREFIX)
    charge = (
        Charge.objects.select_related("intent__payer", "intent__payee")
        .filter(trade_no=trade_no, status=ChargeStatus.SUCCEEDED, is_late=False)
        .first()
    )
    typed = "".join(code.split()).lower()
    if charge is None or len(typed) < CODE_LENGTH or not typed.isascii():
        return None
    receipt = _receipt(charge.intent, charge)
    return receipt if hmac.compare_digest(receipt.hash[: len(typed)], typed) else None


def _receipt(intent: PaymentIntent, charge: Charge) -> Receipt:
    refunds = intent.refunds.filter(status=RefundStatus.SUCCEEDED, is_automatic=False)
    return Receipt(
        number=f"{PREFIX}{charge.trade_no}",
        payment=intent.id,
        payer=intent.payer.name if intent.payer else "",
        payee=intent.payee.name if intent.payee else "",
        amount_fen=charge.amount_fen,
        purpose=intent.description,
        held_until=intent.held_until,
        trade_no=charge.trade_no or "",
        paid_at=charge.paid_at or charge.created_at,
        refunded_fen=refunds.aggregate(total=Sum("amount_fen"))["total"] or 0,
    )
