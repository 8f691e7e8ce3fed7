"""Who may bid, asked for many at once: the rule "bidding.place_bid" (rules.py) as one statement, for those who wait together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

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
    firms = {organization for _person, organization in wanted}
    rows = Bidder.objects.filter(tender=tender_id, organization__in=firms, status=BidderStatus.ACTIVE)
    bidders: dict[int, tuple[Right, str]] = {}
    members: set[tuple[int, int]] = set()
    for pk, label, organization, standing, person, is_active in rows.values_list(
        "pk",
        "label",
        "organization",
        "organization__status",
        "organization__memberships__user",
        "organization__memberships__user__is_active",
    ):
        bidders[organization] = Right(pk, label), standing
        if is_active:
            members.add((person, organization))
    found: dict[tuple[int, int], Right | Refusal] = {}
    for pair in wanted:
        right, standing = bidders.get(pair[1], (None, ""))
        if right is None:
            found[pair] = Refusal("not_signed_up")
        elif pair not in members or standing != OrganizationStatus.ACTIVE:
            found[pair] = Refusal("suspended")
        else:
            found[pair] = right
    return found
