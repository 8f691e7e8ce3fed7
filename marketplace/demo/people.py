"""The people and organizations of the demo world: accounts, 172 firms in four entry batches, 40 owners."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from marketplace.accounts.actions import create_account
from marketplace.accounts.models import User
from marketplace.approvals.sandbox.data import demo_projects
from marketplace.catalog.models import QualificationKind, Region, ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.catalog.requirements import people_needed, sufficient
from marketplace.parties.actions import confirm_qualification, end_publicity, enter_buyer, enter_firm
from marketplace.parties.models import Organization, Publicity
from marketplace.parties.persons import identify
from marketplace.parties.states import PublicityStatus

from . import names
from .staff import staff

PASSWORD = "demo-2026-yt"  # noqa: S105 - the demo prints it
FIRMS, BATCHES, OWNERS = 172, 4, 40
OWNER_NAMES = 200  # owners are called by numbers from here on: no firm has such a contact or representative
UNCHECKED = 8  # of the newest batch: work for the administrator
ANNOUNCED = 3  # of the newest batch: checked yesterday, so their public notice runs
OUTSIDE = {"360100": "南昌", "361100": "上饶", "360300": "萍乡", "330100": "杭州", "430100": "长沙"}
INTRODUCTION = "演示用虚构机构，擅长{trade}，常年服务鹰潭及周边项目。所有资料均为虚构。"


@dataclass(frozen=True)
class Accounts:
    """The people that a visitor of the demo can be."""

    admin: User
    supervisor: User
    owner: User
    firm_1: User
    firm_2: User
    experts: tuple[User, ...]


def make_accounts() -> Accounts:
    """Open the demo's accounts; all share one password, printed by `manage.py demo_accounts`."""

    def account(username: str, display_name: str) -> User:
        mail = f"{username}@demo.invalid"
        return create_account(username=username, password=PASSWORD, display_name=display_name, email=mail)

    admin, supervisor = account("admin", "平台管理员"), account("supervisor", "监督员")
    User.objects.filter(pk=admin.pk).update(is_staff=True, is_superuser=True)
    admin.refresh_from_db()
    return Accounts(
        admin,
        supervisor,
        account("owner1", "演示业主"),
        account("firm1", "演示机构一"),
        account("firm2", "演示机构二"),
        tuple(account(f"expert{number}", f"演示专家{word}") for number, word in enumerate("一二三", start=1)),
    )


def needed_qualifications(services: list[ServiceCategory], number: int, on: datetime) -> list[dict[str, object]]:
    """Return certificates that are enough for `services`, with invented numbers."""
    kinds = kinds_for(services)
    wanted: dict[str, dict[str, object]] = {}
    today = timezone.localdate(on)
    for service in services:
        for leaf in sufficient(service.requirement, today, kinds=kinds):
            kind = kinds[leaf["kind"]]
            held = wanted.setdefault(kind.code, {"kind": kind, "scope": ""})
            held["grade"] = kind.grades[0] if kind.grades else ""
            scope = leaf.get("scope", "")
            if scope not in str(held["scope"]):
                held["scope"] = f"{held['scope']}、{scope}".strip("、")
            held["number"] = f"演示{kind.code[:4].upper()}{number:04d}"
            held["valid_until"] = today + timedelta(days=900 + number * 3 % 700)
    return list(wanted.values())


def needed_practitioners(
    services: list[ServiceCategory], uscc: str, qualifications: list[dict[str, object]], on: datetime
) -> list[dict[str, object]]:
    """Return those of an invented firm's staff whose professions `services` ask for."""
    today, kinds = timezone.localdate(on), kinds_for(services)
    asked = {code for service in services for code in people_needed(service.requirement, today, kinds=kinds)}
    held = [one["kind"].code for one in qualifications if isinstance(one["kind"], QualificationKind)]
    return [
        {
            "name": one.name,
            "person": identify(one.code),
            "kind": one.kind,
            "certificate_number": one.number,
            "valid_until": one.valid_until,
        }
        for one in staff(uscc, held, today)
        if one.kind in asked
    ]


def enter_one_firm(
    number: int, *, user: User | None, at: datetime, rng: random.Random, is_robot: bool = False, group: str = ""
) -> Organization:
    """Let invented firm `number` in: every fifth comes from outside the city, every ninth is a one-person business."""
    groups = ServiceCategory.Group.values
    group = group or ("environment" if number < 6 else groups[number % len(groups)])
    own = list(ServiceCategory.objects.filter(group=group).order_by("code"))
    services = own if number < 6 or is_robot else rng.sample(own, min(len(own), 2 + number % 4))
    districts = list(Region.objects.filter(level=Region.Level.COUNTY).order_by("code"))
    is_outside, is_sole = number % 5 == 4, number % 9 == 8
    region = None if is_outside else districts[number % len(districts)]
    area = region.code if region else list(OUTSIDE)[number % len(OUTSIDE)]
    place = region.name if region else f"{OUTSIDE[area]}市"
    contact = names.person(number)
    user = user or create_account(username=f"firm-{number:04d}", password=None, display_name=contact, is_robot=is_robot)
    uscc = names.firm_code(number, area=area, is_sole_trader=is_sole)
    qualifications = needed_qualifications(services, number, at)
    return enter_firm(
        user=user,
        uscc=uscc,
        name=names.firm_name(number, group, is_partnership=is_sole),
        kind=Organization.Kind.SOLE_TRADER if is_sole else Organization.Kind.ENTERPRISE,
        region=region,
        services=services,
        qualifications=qualifications,
        practitioners=needed_practitioners(services, uscc, qualifications, at),
        contact_name=contact,
        phone=names.phone(9100 + number % 100 if is_robot else number),
        address=f"{place}演示路 {number % 200 + 1} 号",
        legal_representative=f"演示机器人 {number} 号" if is_robot else names.person(number + 3),
        introduction=INTRODUCTION.format(trade=ServiceCategory.Group(group).label),
        committed=True,
        is_robot=is_robot,
        by=user,
        now=at,
    )


def check_qualifications(firm: Organization, *, admin: User, at: datetime) -> None:
    """Confirm what a firm declared, as an administrator."""
    for held in firm.qualifications.select_related("organization__process", "kind").order_by("pk"):
        confirm_qualification(qualification=held, by=admin, now=at)


def pass_notices(firms: list[Organization], *, until: datetime) -> None:
    """End the public notices of firms whose working days were over by `until`, each at its own end."""
    rows = Publicity.objects.filter(organization__in=firms, status=PublicityStatus.OPEN, ends_at__lte=until)
    for notice in rows.select_related("organization__process").order_by("ends_at", "pk"):
        end_publicity(publicity=notice, now=notice.ends_at)


def make_owners(accounts: Accounts, *, start: datetime) -> list[Organization]:
    """Let 40 owners in: the units of the platform's projects first, then public bodies and persons."""
    units = {project.owner_uscc: project for project in demo_projects() if project.owner_uscc}
    owners = []
    for number, (code, project) in enumerate(list(units.items())[:OWNERS]):
        contact = names.person(OWNER_NAMES + number)
        user = (
            accounts.owner
            if number == 0
            else create_account(username=f"owner-{number:04d}", password=None, display_name=contact)
        )
        is_public = code.startswith("1")
        owners.append(
            enter_buyer(
                user=user,
                uscc=code,
                name=project.owner_name,
                kind=Organization.Kind.PUBLIC_BODY if is_public else Organization.Kind.ENTERPRISE,
                region=Region.objects.filter(code=project.region_code).first(),
                contact_name=contact,
                phone=names.phone(5000 + number),
                address=project.location,
                committed=True,
                by=user,
                now=start + timedelta(hours=number),
            )
        )
    for number in range(len(owners), OWNERS):
        contact = names.person(OWNER_NAMES + number)
        user = create_account(username=f"owner-{number:04d}", password=None, display_name=contact)
        is_person = number % 4 == 3
        owners.append(
            enter_buyer(
                user=user,
                uscc="" if is_person else names.firm_code(7000 + number, area="360602"),
                name=f"{contact}{names.MARK}"
                if is_person
                else f"鹰潭{names.FIRST_NAMES[number % 20]}实业{names.MARK}有限公司",
                kind=Organization.Kind.PERSON if is_person else Organization.Kind.ENTERPRISE,
                region=Region.objects.get(code="360602"),
                contact_name=contact,
                phone=names.phone(5000 + number),
                committed=True,
                by=user,
                now=start + timedelta(hours=number),
            )
        )
    return owners
