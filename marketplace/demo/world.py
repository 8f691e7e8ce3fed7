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
from marketplace.approvals.sandbox.data import DemoProject, demo_projects
from marketplace.approvals.sandbox.server import Platform
from marketplace.bidding.models import Bidder
from marketplace.catalog.actions import load_catalog
from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core import clock
from marketplace.core.workdays import SHANGHAI
from marketplace.parties.models import Organization
from marketplace.parties.states import OfferingStatus
from marketplace.projects.actions import pull_project
from marketplace.projects.models import InvestmentProject
from marketplace.tenders.actions import ensure_rule_sets
from marketplace.tenders.models import Tender
from payments.sandbox.robot import InProcess, gateway_in_process

from . import history, names, people
from .history import DAY, HOUR, World

SEED = 20261124
Report = Callable[[str, int, int], None]

# How far each of the 120 needs has come: (stage, how many, days since its publication).
PLAN = (
    ("draft", 6, 2),
    ("cancelled", 6, 20),
    ("open", 24, 1),
    ("too_few", 5, 25),
    ("no_bids", 5, 30),
    ("scheduled", 4, 3),
    ("live", 4, 3),
    ("standstill", 6, 2.25),
    ("objected", 2, 2.25),
    ("confirmed", 6, 9),
    ("signing", 6, 11),
    ("paid", 8, 15),
    ("delivered", 8, 26),
    ("half", 6, 38),
    ("completed", 6, 60),
    ("reviewed", 18, 90),
)
SCOPE = {
    "planning": "结合项目现状与规划条件，完成{service}，并配合评审会汇报和修改，直至通过审查。",
    "environment": "开展现场踏勘与资料收集，完成{service}，成果须满足现行技术导则，并配合技术评审修改至通过。",
    "land": "按国家大地坐标系和现行规程完成外业与内业，提交{service}成果及电子数据，并配合成果检查。",
    "construction": "按现行规范和合同约定完成{service}，提交盖章成果文件一式四份及电子版，并做好现场配合。",
    "finance": "依据项目资料和计价依据完成{service}，出具正式报告，对审核意见在五个工作日内书面答复。",
    "safety": "到现场检查并采样检测，完成{service}，报告须载明依据、方法和结论，并配合主管部门核查。",
    "other": "完成{service}，提交正式成果文件和电子版，并在验收前对业主做一次讲解。",
}


@contextmanager
def neighbours(folder: Path) -> Iterator[InProcess]:
    """Run the local Alipay gateway and approval platform while the seeds need them: the real protocols, our time."""
    with gateway_in_process() as gateway:
        platform = Platform(folder / "approval_sandbox", key=settings.APPROVAL_PLATFORM_KEY)
        server = make_server("127.0.0.1", 0, platform, handler_class=_Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        before = settings.APPROVAL_PLATFORM_URL, settings.WORKING_DAY_SECONDS, settings.EMAIL_BACKEND
        settings.APPROVAL_PLATFORM_URL = f"http://127.0.0.1:{server.server_port}"
        settings.WORKING_DAY_SECONDS = 0  # histories wait their working days
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        try:
            yield gateway
        finally:
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
    ensure_rule_sets(now=now - 400 * DAY)
    report("目录、规则与页面", 1, 1)
    with neighbours(settings.DATA_DIR) as gateway:
        world = World(rng=rng, gateway=gateway, now=now)
        accounts = people.make_accounts()
        _enter_firms(accounts, now, rng, firms, report)
        owners = people.make_owners(accounts, start=now - 320 * DAY)
        report("业主", len(owners), len(owners))
        stages = [stage for stage, count, _days in PLAN for _ in range(max(1, round(count * share)))]
        days = {stage: age for stage, _count, age in PLAN}
        maker = Maker(world, now, owners)
        for turn, stage in enumerate(stages, start=1):
            stretch = rng.uniform(1, 1.5) if days[stage] > 5 else 1
            maker.make(stage, turn, published=_in_office_hours(now - timedelta(days=days[stage] * stretch), stage))
            while send_due(world.now):  # one message per project at a time
                pass
            report("采购需求及其全过程", turn, len(stages))


def _in_office_hours(moment: datetime, stage: str) -> datetime:
    """Move a moment of the past to a whole quarter between 9 and 16 o'clock in Shanghai, when owners publish."""
    if stage in {"standstill", "objected"}:  # their standstill has to be running now
        return moment
    local = moment.astimezone(SHANGHAI)
    return local.replace(hour=9 + local.hour * 7 // 24, minute=local.minute // 15 * 15, second=0, microsecond=0)


def _enter_firms(accounts: people.Accounts, now: datetime, rng: random.Random, firms: int, report: Report) -> None:
    demo = {0: accounts.firm_1, 1: accounts.firm_2}
    for number in range(firms):
        batch = number * people.BATCHES // firms
        at = now - timedelta(days=300 - 95 * batch, hours=-(number % 43))
        firm = people.enter_one_firm(number, user=demo.get(number), at=at, rng=rng)
        if number < firms - people.UNCHECKED:
            people.check_qualifications(firm, admin=accounts.admin, at=at + DAY)
        report("中介机构入驻", number + 1, firms)


class Maker:
    """Make needs stage by stage."""

    def __init__(self, world: World, now: datetime, owners: list[Organization]) -> None:
        self.world, self.now, self.owners = world, now, owners
        self.areas = list(
            Region.objects.filter(level__in=(Region.Level.COUNTY, Region.Level.FUNCTIONAL)).order_by("code")
        )
        self.projects = {project.owner_uscc: project for project in demo_projects() if project.owner_uscc}
        self.services = self._services()

    def _services(self) -> list[tuple[ServiceCategory, list[Organization]]]:
        """Return the services that at least four firms provide, with those firms."""
        found = []
        for service in ServiceCategory.objects.order_by("code"):
            rows = service.offerings.filter(status=OfferingStatus.LIVE).select_related("organization__process")
            firms = [row.organization for row in rows.order_by("organization_id")]
            if len(firms) >= 4:
                found.append((service, firms))
        return found

    def make(self, stage: str, turn: int, *, published: datetime) -> Tender:
        """Make one need and lead it to `stage`."""
        rng = self.world.rng
        buyer = self.owners[0] if turn % 6 == 1 else self.owners[turn % len(self.owners)]
        service, firms = self._pick(stage, turn)
        chosen = rng.sample(firms, min(len(firms), rng.randint(3, 6)))
        if stage in {"live", "scheduled", "signing", "paid", "delivered"}:
            chosen = firms[:5]  # the demo's own firms among them, where they provide the service
        tender = history.draft(
            self.world, buyer, self._terms(stage, turn, buyer, service, published), published - 2 * HOUR
        )
        if stage == "draft":
            return tender
        tender = history.publish(self.world, tender, published)
        if stage == "cancelled":
            return history.cancel(self.world, tender, published + 5 * HOUR, "项目选址调整，重新论证后再行采购")
        if stage == "open":
            until = self.now - tender.published_at if tender.published_at else HOUR
            return self._some_sign_ups(tender, chosen[: turn % 4], until)
        bidders = history.take_sign_ups(self.world, tender, chosen[:1] if stage == "too_few" else chosen)
        self._lead(stage, tender, bidders)
        return tender

    def _pick(self, stage: str, turn: int) -> tuple[ServiceCategory, list[Organization]]:
        """Pick a service; where a visitor shall bid at once, one that the demo firms provide."""
        if stage in {"live", "scheduled", "open", "signing", "paid", "delivered"} and turn % 2 == 0:
            mine = [pair for pair in self.services if pair[0].group == ServiceCategory.Group.ENVIRONMENT]
            return mine[turn % len(mine)]
        return self.services[turn * 7 % len(self.services)]

    def _some_sign_ups(self, tender: Tender, firms: list[Organization], until: timedelta) -> Tender:
        for turn, firm in enumerate(firms, start=1):
            at = self.world.at((tender.published_at or self.now) + until * turn / (len(firms) + 1))
            history.sign_up(tender=tender, organization=firm, by=history.agent(firm), now=at)
        return tender

    def _lead(self, stage: str, tender: Tender, bidders: list[Bidder]) -> None:
        world, rng = self.world, self.world.rng
        if stage in {"too_few", "scheduled"}:
            history.end_sign_up(tender=tender, now=world.at(tender.signup_ends_at))
        if stage == "too_few":  # extended once, and still too few
            tender.refresh_from_db()
            history.end_sign_up(tender=tender, now=world.at(tender.signup_ends_at))
        if stage in {"too_few", "scheduled"}:
            return
        auction = history.start(world, tender)
        until = min(auction.ends_at - timedelta(seconds=rng.choice((20, 70, 400))), self.now)
        if stage != "no_bids":
            history.bid_down(world, auction, bidders, rng.randint(5, 16), until)
        if stage == "live":
            return
        history.close(world, auction)
        if stage in {"no_bids", "standstill"}:
            return
        if stage == "objected":
            history.object_to(world, tender, "中选报价明显低于成本，请核实其能否按要求配备持证人员。")
            return
        history.confirm(world, tender)
        if stage != "confirmed":
            self._perform(stage, tender)

    def _perform(self, stage: str, tender: Tender) -> None:
        world = self.world
        contract = history.sign(world, history.offer(world, tender), only_buyer=stage == "signing")
        if stage == "signing":
            return
        for milestone in contract.milestones.order_by("number"):
            history.pay(world, milestone)
            if stage == "paid":
                return
            milestone.refresh_from_db()
            history.deliver(world, milestone)
            if stage == "delivered":
                return
            history.accept(world, milestone)
            if stage == "half":
                return
        if stage == "reviewed":
            history.review(world, contract)

    def _terms(
        self, stage: str, turn: int, buyer: Organization, service: ServiceCategory, published: datetime
    ) -> dict[str, object]:
        rng, now = self.world.rng, self.now
        project = self._project(buyer, service, published)
        area = self.areas[turn % len(self.areas)]
        ceiling = rng.randint(30, 600) * 100_000  # 30 000 to 600 000 yuan in fen, whole thousands
        signup_ends, opens, ends = self._times(stage, published, now)
        place = project.name if project else f"{area.name}{names.FIRST_NAMES[turn % len(names.FIRST_NAMES)]}片区"
        plain = service.name.split("（")[0].split("(")[0].strip()
        return {
            "title": f"{place}{plain}"[:120],
            "service": service,
            "project": project,
            "case": project.cases.filter(matter__in=service.matters.all()).first() if project else None,
            "region": (project.region if project and project.region else area),
            "money_kind": list(Tender.MoneyKind.values)[turn % 3],
            "description": SCOPE[service.group].format(service=plain)
            + "\n报价包含现场踏勘、编制、评审配合、税费等全部费用。演示数据，内容均为虚构。",
            "delivery_days": rng.choice((15, 20, 30, 45, 60)),
            "ceiling_fen": ceiling,
            "step_fen": max(20_000, ceiling // 200 // 10_000 * 10_000),
            "contact_name": buyer.contact_name,
            "contact_phone": buyer.phone,
            "complaint_phone": "0701-6009999",
            "signup_ends_at": signup_ends,
            "selection_at": opens,
            "auction_ends_at": ends,
        }

    def _times(self, stage: str, published: datetime, now: datetime) -> tuple[datetime, datetime, datetime]:
        rng = self.world.rng
        if stage in {"open", "draft"}:
            day = now.astimezone(SHANGHAI).replace(hour=17, minute=0, second=0, microsecond=0)
            signup = day + rng.randint(1, 5) * DAY
            return signup, signup + 16 * HOUR, signup + 17 * HOUR
        if stage == "scheduled":
            opens = (now + timedelta(minutes=rng.randint(30, 400))).replace(minute=0, second=0, microsecond=0) + HOUR
            return now - timedelta(minutes=30), opens, opens + HOUR
        if stage == "live":
            return now - HOUR, now - timedelta(minutes=20), now + timedelta(minutes=rng.randint(25, 120))
        signup = published + 2 * DAY
        return signup, signup + HOUR, signup + 2 * HOUR

    def _project(self, buyer: Organization, service: ServiceCategory, at: datetime) -> InvestmentProject | None:
        """Pull the owner's project when one of its cases waits for this service."""
        known: DemoProject | None = self.projects.get(buyer.uscc or "")
        if known is None:
            return None
        return pull_project(
            code=known.code, organization=buyer, by=history.agent(buyer), now=self.world.at(at - 3 * HOUR)
        )
