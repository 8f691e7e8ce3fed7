"""What /v1 offers: one module for each kind of object, all routes in one list."""

from . import accounts, balances, charges, events, payment_intents, refunds, transfers, webhook_endpoints

ROUTES = (
    *payment_intents.ROUTES,
    *charges.ROUTES,
    *refunds.ROUTES,
    *transfers.ROUTES,
    *balances.ROUTES,
    *events.ROUTES,
    *webhook_endpoints.ROUTES,
    *accounts.ROUTES,
)
