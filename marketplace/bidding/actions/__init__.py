"""What changes in bidding: signing up, the auction's course, bids, and sealed offers."""

from .auctions import advance_auction, close_auction, fail_auction, open_auction, schedule_auction
from .bids import BidRequest, outcome_of, place_bid, place_bids
from .boxes import create_box, postpone_box
from .interruptions import note_life, pause_auction, resume_auction
from .offers import Receipt, submit_offer, withdraw_offer
from .opening import open_offers
from .proxies import allows_proxies, set_proxy
from .readiness import call_bidders, count_ready, mark_ready
from .rounds import end_sign_up
from .sign_ups import name_firm, set_nonce, sign_up, withdraw_sign_up
from .voids import confirm_void, request_void

__all__ = [
    "BidRequest",
    "Receipt",
    "advance_auction",
    "allows_proxies",
    "call_bidders",
    "close_auction",
    "confirm_void",
    "count_ready",
    "create_box",
    "end_sign_up",
    "fail_auction",
    "mark_ready",
    "name_firm",
    "note_life",
    "open_auction",
    "open_offers",
    "outcome_of",
    "pause_auction",
    "place_bid",
    "place_bids",
    "postpone_box",
    "request_void",
    "resume_auction",
    "schedule_auction",
    "set_nonce",
    "set_proxy",
    "sign_up",
    "submit_offer",
    "withdraw_offer",
    "withdraw_sign_up",
]
