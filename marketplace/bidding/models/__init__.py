"""Bidders, auctions, bids and sealed offers."""

from .auctions import PREVIEW, Auction
from .bidders import Bidder
from .bids import Bid, BidVoid, ProxyBid, RefusedBid
from .offers import OfferBox, SealedOffer
from .pulse import Pulse

__all__ = [
    "PREVIEW",
    "Auction",
    "Bid",
    "BidVoid",
    "Bidder",
    "OfferBox",
    "ProxyBid",
    "Pulse",
    "RefusedBid",
    "SealedOffer",
]
