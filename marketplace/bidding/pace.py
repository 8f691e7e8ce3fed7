"""How often one account may bid in this process, over sockets and forms together."""

from django.conf import settings

from marketplace.core.pace import Buckets

bids = Buckets(settings.REALTIME_BIDS_PER_SECOND, settings.REALTIME_BID_BURST)


def may_bid(user_id: int) -> bool:
    """Count a bid of a person; False when it comes too soon after the others."""
    return bids.take(user_id)
