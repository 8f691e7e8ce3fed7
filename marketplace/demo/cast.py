"""The robots of the demo: an owner, firms and scorers, labelled as robots wherever they appear."""

from __future__ import annotations

import random
from datetime import timedelta

from marketplace.accounts.actions import create_account
from marketplace.accounts.models import User
from marketplace.catalog.models import Region
from marketplace.core import clock
from marketplace.parties.actions import enter_buyer
from marketplace.parties.models import Organization

from . import names
from .people import check_qualifications, enter_one_firm, pass_notices

FIRMS, SCORERS = 5, 3
NUMBER = 90_000  # robots' numbers begin where no seeded firm is
NAME = "演示机器人业主（鹰潭）"


def owner() -> Organization:
    """Return the robot owner, let in at the first call."""
    known = Organization.objects.filter(is_robot=True, is_buyer=True).first()
    if known:
        return known
    user = create_account(username="robot-owner", password=None, display_name="演示机器人", is_robot=True)
    return enter_buyer(
        user=user,
        uscc=names.firm_code(NUMBER, area="360600"),
        name=NAME,
        kind=Organization.Kind.ENTERPRISE,
        region=Region.objects.get(code="360602"),
        contact_name="演示机器人",
        phone=names.phone(9000),
        committed=True,
        is_robot=True,
        by=user,
        now=clock.now(),
    )


def firms() -> list[Organization]:
    """Return the robot firms, let in at the first call."""
    known = list(Organization.objects.filter(is_robot=True, is_intermediary=True).order_by("pk"))
    admin = User.objects.filter(is_superuser=True).order_by("pk").first()
    return known + [_enter(NUMBER + 1 + turn, admin) for turn in range(len(known), FIRMS)]


def scorers() -> list[User]:
    """Return the robots that score plans when an owner asks them to."""
    known = list(User.objects.filter(username__startswith="robot-scorer").order_by("username"))
    return known + [
        create_account(
            username=f"robot-scorer{turn + 1}", password=None, display_name=f"评审机器人 {turn + 1} 号", is_robot=True
        )
        for turn in range(len(known), SCORERS)
    ]


def _enter(number: int, admin: User | None) -> Organization:
    user = create_account(username=f"robot-{number}", password=None, display_name="演示机器人", is_robot=True)
    rng, now = random.Random(number), clock.now()
    at = now - timedelta(days=14)  # so that three working days of public notice lie between, holidays or not
    firm = enter_one_firm(number, user=user, at=at, rng=rng, is_robot=True, group="planning")
    if admin is not None:
        check_qualifications(firm, admin=admin, at=at + timedelta(hours=1))
        pass_notices([firm], until=now)
    return firm
