"""What changes in bidding: signing up, the auction's course, and bids."""

from .auctions import advance_auction, close_auction, fail_auction, open_auction, schedule_auction
from .bids import place_bid
from .rounds import end_sign_up
from .sign_ups import name_firm, sign_up, withdraw_sign_up

__all__ = [
    "advance_auction",
    "close_auction",
    "end_sign_up",
    "fail_auction",
    "name_firm",
    "open_auction",
    "place_bid",
    "schedule_auction",
    "sign_up",
    "withdraw_sign_up",
]
