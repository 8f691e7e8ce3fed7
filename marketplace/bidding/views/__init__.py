"""Pages of bidding, one file per noun."""

from .logs import log, verifier
from .offers import offer, plan, receipt, withdraw_offer
from .practices import practice
from .proxies import proxy
from .readiness import ready
from .replays import replay
from .rooms import auctions, bid, feed, live, outcome, room
from .sign_ups import enter, nonce, withdraw

__all__ = [
    "auctions",
    "bid",
    "enter",
    "feed",
    "live",
    "log",
    "nonce",
    "offer",
    "outcome",
    "plan",
    "practice",
    "proxy",
    "ready",
    "receipt",
    "replay",
    "room",
    "verifier",
    "withdraw",
    "withdraw_offer",
]
