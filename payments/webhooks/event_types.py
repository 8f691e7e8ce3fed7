"""The types of events that an endpoint may subscribe to: every one that is announced, and no other."""

EVENT_TYPES = frozenset(
    {
        "balance.available",
        "charge.refunded",
        "charge.succeeded",
        "payment_intent.canceled",
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "refund.created",
        "refund.failed",
        "refund.updated",
        "transfer.created",
        "transfer.failed",
        "transfer.paid",
        "transfer.reversed",
    }
)
ALL = "*"
