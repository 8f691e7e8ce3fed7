"""Who may bid, asked for many at once: the rule "bidding.place_bid" (rules.py) as one statement, for those who wait together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.utils import timezone

from marketplace.core import clock
from marketplace.core.rows import fetch, marks
from marketplace.parties.models import Membership
from marketplace.parties.states import OrganizationStatus

from .engine import Refusal
from .states import BidderStatus

RIGHTS = """
    SELECT b.id, b.label, b.organization_id, o.status, m.user_id, u.is_active
    FROM bidding_bidder b
    JOIN parties_organization o ON o.id = b.organization_id
    LEFT JOIN parties_membership m ON m.organization_id = o.id
        AND (m.starts_on IS NULL OR m.starts_on <= %s) AND (m.ends_on IS NULL OR m.ends_on >= %s)
        AND (m.role = %s OR CAST(m.powers AS text) LIKE %s)
    LEFT JOIN accounts_user u ON u.id = m.user_id
    WHERE b.tender_id = %s AND b.status = %s AND b.organization_id IN ({})
"""


class Right(NamedTuple):
    """Be a firm that may bid through a person: its sign-up and label."""

    bidder_id: int
    label: str


def rights(tender_id: int, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Right | Refusal]:
    """Return for each (person, organization) the right to bid, or the refusal, as it is at this moment.

    A firm must have signed up and stand so; the person must be active and a member who has the power to bid today, and the
    firm neither suspended nor removed, else `suspended`, as the rule says for one.
    """
    wanted = set(pairs)
    firms = {organization for _person, organization in wanted}
    bidders: dict[int, tuple[Right, str]] = {}
    members: set[tuple[int, int]] = set()
    if firms:
        today, power = timezone.localdate(clock.now()).isoformat(), f'%"{Membership.Power.BID}"%'
        days_and_power = [today, today, Membership.Role.ADMINISTRATOR, power]
        for pk, label, organization, standing, person, is_active in fetch(
            RIGHTS.format(marks(firms)), [*days_and_power, tender_id, BidderStatus.ACTIVE, *firms]
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
