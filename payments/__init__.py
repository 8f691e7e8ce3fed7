"""Payments: Stripe's objects inside, Alipay as provider, a double-entry ledger in integer fen that holds the money."""
