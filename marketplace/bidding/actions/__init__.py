"""What changes in bidding: signing up, the auction's course, and bids."""

from .auctions import advance_auction, close_auction, end_sign_up, fail_auction, open_auction, schedule_auction
from .bids import place_bid
from .sign_ups import sign_up, withdraw_sign_up

__all__ = [
    "advance_auction",
    "close_auction",
    "end_sign_up",
    "fail_auction",
    "open_auction",
    "place_bid",
    "schedule_auction",
    "sign_up",
    "withdraw_sign_up",
]
