"""The demo world as a whole: 120 needs in every state, each with its full legal history."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.db import connection

from marketplace.approvals.handlers import send_due
from marketplace.approvals.sandbox.server import Platform
from marketplace.awards.actions import selections
from marketplace.catalog.actions import load_calendar, load_catalog
from marketplace.core import clock
from marketplace.licences.sandbox.server import Library
from marketplace.tenders.actions import ensure_rule_sets
from payments.actions.reconciliation import reconcile_day
from payments.bills.matching import day_of
from payments.models import AccountKind, Entry
from payments.sandbox.robot import InProcess, gateway_in_process

from . import people, rules
from .history import DAY, World
from .licences import library_in_process, seed_library
from .maker import Maker
from .plan import planned

SEED = 20261124
Report = Callable[[str, int, int], None]


class _Dice:
    """Stand in for the operating system's chance while the world is seeded, so that it comes out the same again."""

    def __init__(self, rng: random.Random) -> None:
        self.token_bytes = rng.randbytes

    def token_hex(self, count: int) -> str:
        return self.token_bytes(count).hex()


@contextmanager
def neighbours(folder: Path, rng: random.Random) -> Iterator[tuple[InProcess, Library]]:
    """Run the local Alipay gateway, approval platform and licence library while the seeds need them: the real protocols, our time."""
    with gateway_in_process() as gateway, library_in_process(folder) as library:
        platform = Platform(folder / "approval_sandbox", key=settings.APPROVAL_PLATFORM_KEY)
        server = make_server("127.0.0.1", 0, platform, handler_class=_Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        before = settings.APPROVAL_PLATFORM_URL, settings.WORKING_DAY_SECONDS, settings.EMAIL_BACKEND
        settings.APPROVAL_PLATFORM_URL = f"http://127.0.0.1:{server.server_port}"
        settings.WORKING_DAY_SECONDS = 0  # histories wait their working days
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        chance, selections.chance = selections.chance, _Dice(rng)
        try:
            yield gateway, library
        finally:
            selections.chance = chance
            settings.APPROVAL_PLATFORM_URL, settings.WORKING_DAY_SECONDS, settings.EMAIL_BACKEND = before
            server.shutdown()
            server.server_close()
            platform.store.close()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing: the seeds report their own progress."""


def build(report: Report, *, firms: int = people.FIRMS, share: float = 1.0) -> None:
    """Build the world in an empty database, reporting (what, done, of). `share` below 1 makes a smaller one for tests."""
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous=OFF")
    now, rng = clock.now(), random.Random(SEED)
    report("目录、规则与页面", 0, 1)
    load_catalog(now=now - 400 * DAY)
    load_calendar(now=now - 400 * DAY)
    ensure_rule_sets(now=now - 400 * DAY)
    report("目录、规则与页面", 1, 1)
    with neighbours(settings.DATA_DIR, random.Random(SEED + 1)) as (gateway, library):
        world = World(rng=rng, gateway=gateway, now=now)
        accounts = people.make_accounts()
        rules.adopt_pilots(by=accounts.admin, now=now - 399 * DAY)
        _enter_firms(accounts, now, rng, firms, report)
        owners = people.make_owners(accounts, start=now - 320 * DAY)
        report("业主", len(owners), len(owners))
        seed_library(library, report)
        maker, plan = Maker(world, now, owners), planned(share)
        for turn, (stage, method) in enumerate(plan, start=1):
            maker.make(stage, method, turn)
            while send_due(world.now):  # one message per project at a time
                pass
            report("采购需求及其全过程", turn, len(plan))
        rules.shorten_turns(by=accounts.admin, now=now)
        gateway.now = now  # the bill of a day is there when the day is over
        _reconcile(now, report)


def _reconcile(now: datetime, report: Report) -> None:
    """Hold every day on which money moved against Alipay's bills, as the worker does each morning."""
    moments = Entry.objects.filter(lines__account__kind=AccountKind.PROVIDER_CLEARING).values_list("at", flat=True)
    days = sorted({day_of(moment) for moment in moments} - {day_of(now)})
    for turn, day in enumerate(days, start=1):
        reconcile_day(day=day, now=now)
        report("与支付宝对账", turn, len(days))


def _enter_firms(accounts: people.Accounts, now: datetime, rng: random.Random, firms: int, report: Report) -> None:
    demo, entered = {0: accounts.firm_1, 1: accounts.firm_2}, []
    for number in range(firms):
        batch = number * people.BATCHES // firms
        at = now - timedelta(days=300 - 95 * batch, hours=-(number % 43))
        firm = people.enter_one_firm(number, user=demo.get(number), at=at, rng=rng)
        waits = firms - number  # of the newest some wait for the check, and a few stand in their public notice now
        if waits > people.UNCHECKED:
            is_announced = waits <= people.UNCHECKED + people.ANNOUNCED
            checked_at = now - timedelta(hours=20) if is_announced else at + DAY
            people.check_qualifications(firm, admin=accounts.admin, at=checked_at)
        entered.append(firm)
        report("中介机构入驻", number + 1, firms)
    people.pass_notices(entered, until=now)
