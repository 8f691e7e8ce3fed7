"""Pages of bidding, one file per noun."""

from .offers import offer, plan, receipt, withdraw_offer
from .practices import practice
from .proxies import proxy
from .replays import replay
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
    "practice",
    "proxy",
    "receipt",
    "replay",
    "room",
    "withdraw",
    "withdraw_offer",
]
