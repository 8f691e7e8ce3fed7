"""Who may bid, asked for many at once: the rule "bidding.place_bid" (rules.py) as one statement, for those who wait together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from marketplace.parties.models import Membership
from marketplace.parties.states import OrganizationStatus

from .engine import Refusal
from .models import Bidder
from .states import BidderStatus


class Right(NamedTuple):
    """Be a firm that may bid through a person: its sign-up and label."""

    bidder_id: int
    label: str


def rights(tender_id: int, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Right | Refusal]:
    """Return for each (person, organization) the right to bid, or the refusal, as it is at this moment.

    A firm must have signed up and stand so; the person must be active and a member, and the firm neither suspended nor
    removed, else `suspended`, as the rule says for one.
    """
    wanted = set(pairs)
    found: dict[tuple[int, int], Right | Refusal] = {}
    firms = {organization for _person, organization in wanted}
    bidders = {
        organization: (Right(pk, label), standing)
        for pk, label, organization, standing in Bidder.objects.filter(
            tender=tender_id, organization__in=firms, status=BidderStatus.ACTIVE
        ).values_list("pk", "label", "organization", "organization__status")
    }
    members = set(
        Membership.objects.filter(
            organization__in=firms, user__in={person for person, _organization in wanted}, user__is_active=True
        ).values_list("user", "organization")
    )
    for pair in wanted:
        right, standing = bidders.get(pair[1], (None, ""))
        if right is None:
            found[pair] = Refusal("not_signed_up")
        elif pair not in members or standing != OrganizationStatus.ACTIVE:
            found[pair] = Refusal("suspended")
        else:
            found[pair] = right
    return found
