"""The proof of the ledger: no fen made, none lost, every balance the sum of its lines, every account as the objects say.

Everything is added up by the database, in one reading of the lines for each question; rows come here only to be complained of.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from marketplace.core.proofs import proof
from marketplace.core.rows import fetch

from . import triggers
from .actions.ledger import MAY_BE_NEGATIVE
from .models import AccountKind

MANY = 200  # complaints of one sort that are read; more say nothing new

TOTAL = "SELECT COALESCE(SUM(amount_fen), 0) FROM payments_line"
UNEVEN = """
SELECT e.key, COALESCE(s.fen, 0), COALESCE(s.lines, 0), e.line_count
FROM payments_entry e
LEFT JOIN (SELECT entry_id, SUM(amount_fen) AS fen, COUNT(*) AS lines FROM payments_line GROUP BY entry_id) s
  ON s.entry_id = e.id
WHERE s.fen IS NULL OR s.fen <> 0 OR s.lines <> e.line_count
ORDER BY e.id LIMIT %s
"""
UNKEPT = """
SELECT a.kind, a.owner, b.amount_fen, COALESCE(s.fen, 0)
FROM payments_account a
LEFT JOIN payments_balance b ON b.account_id = a.id
LEFT JOIN (SELECT account_id, SUM(amount_fen) AS fen FROM payments_line GROUP BY account_id) s ON s.account_id = a.id
WHERE b.amount_fen IS NULL OR b.amount_fen <> COALESCE(s.fen, 0)
ORDER BY a.id LIMIT %s
"""
BELOW = """
SELECT a.kind, a.owner, b.amount_fen
FROM payments_balance b JOIN payments_account a ON a.id = b.account_id
WHERE (b.amount_fen < 0 OR b.may_be_negative) AND a.kind NOT IN ({kinds})
ORDER BY a.id LIMIT %s
"""
HELD = "payments_charge WHERE status = 'succeeded' AND NOT is_late"
LATE = "payments_charge WHERE status = 'succeeded' AND is_late"
REFUNDED = "payments_refund WHERE status <> 'failed' AND NOT is_automatic AND debtor_id IS NULL"
RETURNED = "payments_refund WHERE status <> 'failed' AND is_automatic"
ADVANCED = "payments_refund WHERE status <> 'failed' AND debtor_id IS NOT NULL"
REPAID = "payments_transfer WHERE debt_repaid_fen <> 0"
GIVEN_BACK = "payments_transfer WHERE source = 'platform_funds'"
NOT_REVERSED = "amount_fen - amount_reversed_fen"
# What the payment objects alone say that each account holds, to be added up: kind, owner, fen, and of which rows.
SAID = (
    ("escrow", "intent_id", "amount_fen", HELD),
    ("escrow", "intent_id", "-amount_fen", REFUNDED),
    ("escrow", "intent_id", f"-({NOT_REVERSED})", "payments_transfer WHERE source = 'escrow'"),
    ("suspense", "id", "amount_fen", LATE),
    ("suspense", "charge_id", "-amount_fen", RETURNED),
    ("refund_in_transit", "id", "amount_fen", "payments_refund WHERE status = 'pending'"),
    ("payable", "CAST(destination_id AS TEXT)", "payout_fen", "payments_transfer WHERE status <> 'paid'"),
    ("platform_fee", "''", "fee_fen", "payments_transfer WHERE fee_fen <> 0"),
    ("platform_funds", "''", "amount_fen", "payments_topup"),
    ("platform_funds", "''", "-amount_fen", ADVANCED),
    ("platform_funds", "''", "debt_repaid_fen", REPAID),
    ("platform_funds", "''", f"-({NOT_REVERSED})", GIVEN_BACK),
    ("debt", "CAST(debtor_id AS TEXT)", "-amount_fen", ADVANCED),
    ("debt", "CAST(destination_id AS TEXT)", "debt_repaid_fen", REPAID),
    ("debt", "CAST(destination_id AS TEXT)", f"-({NOT_REVERSED})", GIVEN_BACK),
    ("claims", "''", "amount_fen", ADVANCED),
    ("claims", "''", "-debt_repaid_fen", REPAID),
    ("claims", "''", NOT_REVERSED, GIVEN_BACK),
)
SAYING = "\n  UNION ALL SELECT '{0}', {1}, {2} FROM {3}"
# Clearing and the provider's fee are the provider's word (its bills); what a bill put into suspense, the bill explains.
UNSAID = """
SELECT kind, owner, SUM(said), SUM(held)
FROM (
  SELECT kind, owner, fen AS said, 0 AS held FROM (SELECT '' AS kind, '' AS owner, 0 AS fen {parts}) objects
  UNION ALL
  SELECT a.kind, a.owner, 0, s.fen
  FROM payments_account a
  JOIN (SELECT account_id, SUM(amount_fen) AS fen FROM payments_line GROUP BY account_id) s ON s.account_id = a.id
  WHERE a.kind NOT IN ('provider_clearing', 'provider_fee') AND NOT (a.kind = 'suspense' AND a.owner LIKE 'bill:%%')
) both_sides
GROUP BY kind, owner HAVING SUM(said) <> SUM(held)
ORDER BY kind, owner LIMIT %s
"""


@proof("ledger")
def ledger() -> Iterable[str]:
    """Check the books against themselves and against the payment objects."""
    for name in triggers.missing(connection):
        yield f"ledger: the database lacks the trigger {name}"
    ((total,),) = fetch(TOTAL, [])
    if total:
        yield f"ledger: all lines together are {total} fen, not zero"
    for key, fen, lines, count in fetch(UNEVEN, [MANY]):
        yield f"ledger: entry {key} sums to {fen} fen in {lines} lines of {count}"
    for kind, owner, kept, fen in fetch(UNKEPT, [MANY]):
        says = "has no balance" if kept is None else f"says {kept} fen"
        yield f"ledger: {_name(kind, owner)} {says}, its lines say {fen}"
    kinds = ", ".join(f"'{kind.value}'" for kind in sorted(MAY_BE_NEGATIVE))
    for kind, owner, fen in fetch(BELOW.format(kinds=kinds), [MANY]):
        yield f"ledger: {_name(kind, owner)} stands at {fen} fen and is not kept from falling below zero"
    parts = "".join(SAYING.format(*part) for part in SAID)
    for kind, owner, said, held in fetch(UNSAID.format(parts=parts), [MANY]):
        yield f"ledger: {_name(kind, owner)} holds {held} fen, the payments say {said}"


def _name(kind: str, owner: str) -> str:
    return f"{AccountKind(kind).value}:{owner}" if owner else kind
