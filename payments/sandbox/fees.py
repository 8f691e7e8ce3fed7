"""What the local gateway keeps of a payment: 0.6 percent, rounded half up, given back as the payment is.

The real rate and rounding are a matter of the contract with Alipay; these are ours, and docs/alipay.md says so.
"""

from __future__ import annotations

BASIS_POINTS = 60


def service_fee(fen: int) -> int:
    """Return the fee on an amount, both in fen: 0.6 percent, half a fen rounds up."""
    return (fen * BASIS_POINTS + 5_000) // 10_000


def fee_returned(total_fen: int, refunded_before: int, refund_fen: int) -> int:
    """Return what one refund gives back of the fee: the fee on what remains is kept, so a full refund returns it all."""
    before = total_fen - refunded_before
    return service_fee(before) - service_fee(before - refund_fen)
