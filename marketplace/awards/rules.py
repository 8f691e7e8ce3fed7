"""Who may object to an award, who decides, and who answers for the chosen firm."""

from __future__ import annotations

from typing import Any

import rules

from marketplace.bidding.models import Bidder
from marketplace.bidding.states import BidderStatus
from marketplace.parties.access import is_member
from marketplace.parties.models import Membership

from .models import Award


@rules.predicate
def acts_for_loser(user: Any, award: Award) -> bool:
    """Tell whether `user` acts for a firm that signed up for the need and was not chosen."""
    if not user.is_authenticated:
        return False
    mine = user.memberships.current().values("organization")
    bidders = Bidder.objects.filter(tender=award.tender_id, status=BidderStatus.ACTIVE, organization__in=mine)
    return bidders.exclude(organization=award.organization_id).exists()


@rules.predicate
def acts_for_winner(user: Any, award: Award) -> bool:
    """Tell whether `user` acts for the chosen firm, which takes the work on or gives it up: a matter of bidding."""
    return is_member(user, award.organization, power=Membership.Power.BID)


rules.add_perm("awards.answer_award", acts_for_winner)
rules.add_perm("awards.object_to_award", acts_for_loser)
rules.add_perm("awards.decide_objection", rules.is_staff)
