"""What changes in bidding: signing up, the auction's course, bids, and sealed offers."""

from .auctions import advance_auction, close_auction, fail_auction, open_auction, schedule_auction
from .bids import place_bid
from .boxes import create_box, postpone_box
from .offers import Receipt, submit_offer, withdraw_offer
from .opening import open_offers
from .rounds import end_sign_up
from .sign_ups import name_firm, set_nonce, sign_up, withdraw_sign_up

__all__ = [
    "Receipt",
    "advance_auction",
    "close_auction",
    "create_box",
    "end_sign_up",
    "fail_auction",
    "name_firm",
    "open_auction",
    "open_offers",
    "place_bid",
    "postpone_box",
    "schedule_auction",
    "set_nonce",
    "sign_up",
    "submit_offer",
    "withdraw_offer",
    "withdraw_sign_up",
]
