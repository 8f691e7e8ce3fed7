"""The proof that the money held for each milestone is what its state says: nothing before it is paid, nothing once it is settled."""

from __future__ import annotations

from collections.abc import Iterable

from marketplace.core.proofs import proof
from marketplace.core.rows import fetch

from .states import MilestoneStatus

MANY = 200
# Held by the books beside what the payment, its refunds and its transfers leave; a payment that the milestone has not heard
# of yet is under way (its event is still to be delivered), and a refund that failed after the settlement leaves money held.
MILESTONES = """
SELECT c.number, m.number, m.status, m.amount_fen, i.status, i.amount_fen,
       COALESCE(b.amount_fen, 0), COALESCE(i.amount_received_fen, 0) - COALESCE(r.fen, 0) - COALESCE(t.fen, 0)
FROM contracts_milestone m
JOIN contracts_contract c ON c.id = m.contract_id
JOIN tenders_tender n ON n.id = c.tender_id
LEFT JOIN payments_paymentintent i ON i.id = m.payment_intent_id
LEFT JOIN payments_account a ON a.kind = 'escrow' AND a.owner = m.payment_intent_id AND m.payment_intent_id <> ''
LEFT JOIN payments_balance b ON b.account_id = a.id
LEFT JOIN (
  SELECT intent_id, SUM(amount_fen) AS fen FROM payments_refund
  WHERE status <> 'failed' AND NOT is_automatic AND debtor_id IS NULL GROUP BY intent_id
) r ON r.intent_id = i.id
LEFT JOIN (
  SELECT intent_id, SUM(amount_fen - amount_reversed_fen) AS fen FROM payments_transfer
  WHERE source = 'escrow' GROUP BY intent_id
) t ON t.intent_id = i.id
WHERE
  (m.status = 'planned' AND COALESCE(b.amount_fen, 0) <> 0 AND NOT EXISTS (
    SELECT 1 FROM core_delivery d JOIN core_event e ON e.id = d.event_id
    WHERE e.process_id = n.process_id AND e.name = 'payment_intent_succeeded' AND d.status = 'pending'
  ))
  OR (m.status <> 'planned' AND (i.status IS NULL OR i.status <> 'succeeded' OR i.amount_fen <> m.amount_fen))
  OR (m.status <> 'planned' AND COALESCE(b.amount_fen, 0)
      <> COALESCE(i.amount_received_fen, 0) - COALESCE(r.fen, 0) - COALESCE(t.fen, 0))
  OR (m.status = 'settled' AND COALESCE(b.amount_fen, 0) <> 0 AND NOT EXISTS (
    SELECT 1 FROM payments_refund f WHERE f.intent_id = i.id AND f.status = 'failed'
  ))
ORDER BY c.number, m.number LIMIT %s
"""


@proof("escrow")
def escrow() -> Iterable[str]:
    """Check each milestone's state against the account on which its money is held."""
    for contract, number, status, fen, payment, paid, held, left in fetch(MILESTONES, [MANY]):
        where = f"escrow: milestone {number} of {contract} is {MilestoneStatus(status).value}"
        if status != MilestoneStatus.PLANNED and (payment != "succeeded" or paid != fen):
            yield f"{where} with a payment of {paid} of {fen} fen that is {payment}"
        else:
            yield f"{where} and holds {held} fen; its payment, refunds and transfers leave {left}"
