"""Verbs on contracts: draw up, sign; pay, deliver, accept, settle; of a sale receive the price."""

from .delivery import accept_milestone, deliver_milestone, return_deliverable
from .drafting import draft_contract, offer_contract, revise_contract
from .funding import complete_contract, fund_milestone, request_settlement, settle_milestone, start_payment
from .receipts import confirm_receipt
from .signing import sign_contract

__all__ = [
    "accept_milestone",
    "complete_contract",
    "confirm_receipt",
    "deliver_milestone",
    "draft_contract",
    "fund_milestone",
    "offer_contract",
    "request_settlement",
    "return_deliverable",
    "revise_contract",
    "settle_milestone",
    "sign_contract",
    "start_payment",
]
