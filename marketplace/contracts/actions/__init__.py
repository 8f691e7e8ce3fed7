"""Verbs on contracts: draw up, sign; pay, deliver, accept, settle."""

from .drafting import draft_contract, offer_contract, revise_contract, sign_contract
from .milestones import (
    accept_milestone,
    complete_contract,
    deliver_milestone,
    fund_milestone,
    request_settlement,
    return_deliverable,
    settle_milestone,
    start_payment,
)

__all__ = [
    "accept_milestone",
    "complete_contract",
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
