"""What the room shows of the limit that a firm left with the system."""

from __future__ import annotations

from typing import Any

from marketplace.parties.models import Organization

from ..actions import allows_proxies
from ..forms import ProxyForm
from ..models import Auction, ProxyBid
from ..queries import bidder_of
from ..states import AuctionStatus

TAKING = {AuctionStatus.SCHEDULED, AuctionStatus.OPEN}


def proxy_context(auction: Auction, organization: Organization | None) -> dict[str, Any]:
    """Return what the room shows of a firm's limit: the form and the limit that it left; nothing where there are no proxies."""
    bidder = bidder_of(auction.tender, organization)
    if bidder is None or auction.status not in TAKING or not allows_proxies(auction):
        return {}
    limit = ProxyBid.objects.filter(bidder=bidder).values_list("limit_fen", flat=True).first()
    return {"proxy_form": ProxyForm.fresh(), "proxy_limit": limit}
