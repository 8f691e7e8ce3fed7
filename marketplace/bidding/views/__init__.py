"""Pages of bidding, one file per noun."""

from .offers import offer, plan, receipt, withdraw_offer
from .proxies import proxy
from .rooms import auctions, bid, feed, live, outcome, room
from .sign_ups import enter, nonce, withdraw

__all__ = [
    "auctions",
    "bid",
    "enter",
    "feed",
    "live",
    "nonce",
    "offer",
    "outcome",
    "plan",
    "proxy",
    "receipt",
    "room",
    "withdraw",
    "withdraw_offer",
]
