"""Bidders, auctions, bids and sealed offers."""

from .auctions import Auction
from .bidders import Bidder
from .bids import Bid, BidVoid, ProxyBid, RefusedBid
from .offers import OfferBox, SealedOffer
from .pulse import Pulse

__all__ = ["Auction", "Bid", "BidVoid", "Bidder", "OfferBox", "ProxyBid", "Pulse", "RefusedBid", "SealedOffer"]
