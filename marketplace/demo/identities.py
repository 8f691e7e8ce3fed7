"""Whom the local identity provider proves in the demo: its accounts as natural persons, its firms and owners as legal persons.

Two more firms have not entered yet: whoever comes as one of them tries entry with a proven code.
"""

from __future__ import annotations

from pathlib import Path

from marketplace.accounts.models import User
from marketplace.accounts.sandbox.roster import Holder, invented_number, write
from marketplace.parties.models import Membership

from . import names
from .management.commands.demo_accounts import ROLES

NOT_ENTERED = (90_501, 90_502)
LEVELS = {"firm2": "L2"}  # too low a level to prove a code: somebody can try that, too


def people() -> list[Holder]:
    """Return the demo's accounts as natural persons, with invented numbers."""
    known = {user.username: user for user in User.objects.filter(username__in=ROLES)}
    return [
        Holder(username, "person", str(known[username]), id_number=invented_number(username), hint=username)
        for username in ROLES
        if username in known
    ]


def organizations() -> list[Holder]:
    """Return who acts for an organization with a code, the demo's own accounts first."""
    rows = Membership.objects.filter(organization__is_robot=False, user__is_robot=False, organization__uscc__gt="")
    found = []
    for row in rows.select_related("user", "organization").order_by("pk"):
        username, organization = row.user.username, row.organization
        found.append(
            Holder(
                f"{organization.uscc} {username}",
                "legal",
                organization.name,
                level=LEVELS.get(username, "L3"),
                uscc=organization.uscc or "",
                agent=str(row.user),
                hint=username if username in ROLES else "",
            )
        )
    return sorted(found, key=lambda one: not one.hint)


def not_entered() -> list[Holder]:
    return [
        Holder(
            f"new {number}",
            "legal",
            names.firm_name(number, "land"),
            uscc=names.firm_code(number, area="360602"),
            agent=names.person(number % 400),
            hint="还没有入驻",
        )
        for number in NOT_ENTERED
    ]


def write_roster(folder: Path) -> int:
    """Write the provider's people.json and return how many there are."""
    holders = [*people(), *not_entered(), *organizations()]
    write(folder, holders)
    return len(holders)
