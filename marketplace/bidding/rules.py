"""Who may sign up, withdraw and bid."""

from __future__ import annotations

from typing import Any

import rules

from marketplace.parties.access import is_member
from marketplace.parties.states import OrganizationStatus

from .models import Bidder


@rules.predicate
def acts_for_bidder(user: Any, bidder: Bidder | None) -> bool:
    """Members of the firm that signed up."""
    return bidder is not None and is_member(user, bidder.organization)


@rules.predicate
def is_in_good_standing(user: Any, bidder: Bidder | None) -> bool:
    """Firms that are neither suspended nor removed."""
    return bidder is not None and bidder.organization.status == OrganizationStatus.ACTIVE


rules.add_perm("bidding.place_bid", acts_for_bidder & is_in_good_standing)
rules.add_perm("bidding.withdraw_sign_up", acts_for_bidder)
