"""Outgoing webhooks in Stripe's way: what is signed, whom we may reach, how it is sent."""
