"""Who may review a contract, who may reply, and who decides on penalties."""

from __future__ import annotations

from typing import Any

import rules

from marketplace.contracts.models import Contract
from marketplace.parties.access import is_member
from marketplace.parties.models import Membership
from marketplace.parties.rules import is_administrator

from .models import Review


@rules.predicate
def bought(user: Any, contract: Contract) -> bool:
    """Tell whether `user` acts for the owner of the contract."""
    return is_member(user, contract.buyer, power=Membership.Power.DELIVER)


@rules.predicate
def was_reviewed(user: Any, review: Review) -> bool:
    """Tell whether `user` acts for the firm that the review is about."""
    return is_member(user, review.supplier, power=Membership.Power.PROFILE)


rules.add_perm("reviews.publish_review", bought)
rules.add_perm("reviews.reply_to_review", was_reviewed)
rules.add_perm("reviews.impose_penalty", is_administrator)
rules.add_perm("reviews.withdraw_penalty", is_administrator)
