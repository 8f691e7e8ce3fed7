"""Who may sign up, withdraw, bid, offer, and read an opened plan."""

from __future__ import annotations

from typing import Any

import rules

from marketplace.parties.access import is_member
from marketplace.parties.models import Membership
from marketplace.parties.states import OrganizationStatus

from .models import Bidder, SealedOffer
from .states import OfferStatus


@rules.predicate
def acts_for_bidder(user: Any, bidder: Bidder | None) -> bool:
    """Members of the firm that signed up, with the power to bid."""
    return bidder is not None and is_member(user, bidder.organization, power=Membership.Power.BID)


@rules.predicate
def is_in_good_standing(user: Any, bidder: Bidder | None) -> bool:
    """Firms that are neither suspended nor removed."""
    return bidder is not None and bidder.organization.status == OrganizationStatus.ACTIVE


@rules.predicate
def plan_access(user: Any, offer: SealedOffer | None) -> bool:
    """Let an opened plan be read by its firm, the owner, scorers who declared to have no interest, and administrators."""
    if offer is None or offer.status != OfferStatus.OPENED or not offer.opened_plan:
        return False
    if not getattr(user, "is_authenticated", False):
        return False
    tender = offer.bidder.tender
    return (
        bool(user.is_staff)
        or is_member(user, offer.bidder.organization)
        or is_member(user, tender.buyer)
        or tender.scorers.filter(user=user, declared_at__isnull=False).exists()
    )


rules.add_perm("bidding.place_bid", acts_for_bidder & is_in_good_standing)
rules.add_perm("bidding.operate_auction", rules.is_staff)
rules.add_perm("bidding.withdraw_sign_up", acts_for_bidder)
rules.add_perm("bidding.set_nonce", acts_for_bidder)
rules.add_perm("bidding.submit_offer", acts_for_bidder & is_in_good_standing)
rules.add_perm("bidding.withdraw_offer", acts_for_bidder)
rules.add_perm("bidding.read_plan", plan_access)
