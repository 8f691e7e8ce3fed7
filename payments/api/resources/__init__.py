"""What /v1 offers: one module for each kind of object, all routes in one list."""

from . import payment_intents

ROUTES = (*payment_intents.ROUTES,)
