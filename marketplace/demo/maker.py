"""Make the needs of the seeded world, each led to its stage by the actions of those who would have taken them."""

from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.accounts.models import User
from marketplace.approvals.sandbox.data import DemoProject, demo_projects
from marketplace.awards.actions import decline_award, run_selection
from marketplace.awards.models import Award
from marketplace.bidding.actions import end_sign_up
from marketplace.bidding.models import Bidder
from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core.workdays import SHANGHAI, add_working_days
from marketplace.parties.models import Organization
from marketplace.parties.states import OfferingStatus
from marketplace.projects.actions import pull_project
from marketplace.projects.models import InvestmentProject
from marketplace.tenders.actions import invite_firm, scrap_tender, void_tender
from marketplace.tenders.models import NAMED, Method, Tender

from . import auctions, choices, history
from .history import DAY, HOUR, World
from .plan import Kinds, days_since
from .terms import auction_terms, needs_terms, published_before, sign_up_days

PERFORMED = ("signing", "paid", "delivered", "half", "completed", "reviewed")
BY_VISITORS = {"live", "scheduled", "open", "signing", "paid", "delivered"}


class Maker:
    """Make needs stage by stage."""

    def __init__(self, world: World, now: datetime, owners: list[Organization]) -> None:
        self.world, self.now, self.owners = world, now, owners
        self.admin = User.objects.get(username="admin")
        self.areas = list(
            Region.objects.filter(level__in=(Region.Level.COUNTY, Region.Level.FUNCTIONAL)).order_by("code")
        )
        self.projects = {project.owner_uscc: project for project in demo_projects() if project.owner_uscc}
        self.services = self._services()
        self.kinds = Kinds()

    def _services(self) -> list[tuple[ServiceCategory, list[Organization]]]:
        """Return the services that at least four firms provide, with those firms."""
        found = []
        for service in ServiceCategory.objects.order_by("code"):
            rows = service.offerings.filter(status=OfferingStatus.LIVE).select_related("organization__process")
            firms = [row.organization for row in rows.order_by("organization_id")]
            if len(firms) >= 4:
                found.append((service, firms))
        return found

    def make(self, stage: str, method: Method, turn: int) -> Tender:
        """Make one need and lead it to `stage`."""
        rng = self.world.rng
        buyer = self.owners[0] if turn % 6 == 1 else self.owners[turn % len(self.owners)]
        service, firms = self._pick(stage, turn)
        chosen = rng.sample(firms, len(firms))
        if stage in BY_VISITORS - {"open"}:
            chosen = firms  # the demo's own firms first, where they provide the service
        times, published = self._times(stage, method, turn)
        kind = self.kinds.next(stage) if method == Method.LIVE_AUCTION else "open"
        terms = needs_terms(
            self.world,
            turn,
            method=method,
            buyer=buyer,
            service=service,
            area=self.areas[turn % len(self.areas)],
            project=None if kind == "up" else self._project(buyer, published),
            firms=chosen,
            times=times,
        ) | auction_terms(kind, turn)
        tender = history.draft(self.world, buyer, terms, published - 2 * HOUR)
        if method == Method.QUOTES:
            for firm in chosen[:3]:
                invite_firm(tender=tender, organization=firm, by=history.agent(buyer), now=self.world.now)
        if stage == "draft":
            return tender
        return self._lead(stage, history.publish(self.world, tender, published), chosen, turn)

    def _pick(self, stage: str, turn: int) -> tuple[ServiceCategory, list[Organization]]:
        """Pick a service; where a visitor shall take part at once, one that the demo firms provide."""
        if stage in BY_VISITORS and turn % 2 == 0:
            mine = [pair for pair in self.services if pair[0].group == ServiceCategory.Group.ENVIRONMENT]
            return mine[turn % len(mine)]
        return self.services[turn * 7 % len(self.services)]

    def _times(self, stage: str, method: Method, turn: int) -> tuple[dict[str, datetime], datetime]:
        """Return the need's times, and when it is published so that the rules' working days lie between."""
        rng, now = self.world.rng, self.now
        if stage in {"open", "draft"}:
            published = min(now - timedelta(minutes=5), self._morning(now - DAY) + timedelta(minutes=45 * (turn % 9)))
            ends = add_working_days(published, sign_up_days(method) + rng.randint(0, 3)) - 7 * HOUR
            return {"signup_ends_at": ends, "selection_at": ends + 16 * HOUR}, published
        if stage == "scheduled":
            opens = (now + timedelta(minutes=rng.randint(30, 400))).replace(minute=0, second=0, microsecond=0) + HOUR
            times = {"signup_ends_at": now - timedelta(minutes=30), "selection_at": opens}
        elif stage == "live":
            times = {"signup_ends_at": now - HOUR, "selection_at": now - timedelta(minutes=20)}
            times["auction_ends_at"] = now + timedelta(minutes=rng.randint(25, 120))
        else:
            days = days_since(stage)
            opens = now - timedelta(days=days * rng.uniform(1, 1.4 if days > 5 else 1.01))
            if days > 5:
                opens = self._morning(opens) + timedelta(minutes=30 * (turn % 12))
            times = {"signup_ends_at": opens - HOUR, "selection_at": opens}
        if method in NAMED:
            return times, times["selection_at"]
        return times, published_before(times["signup_ends_at"], method)

    @staticmethod
    def _morning(moment: datetime) -> datetime:
        return moment.astimezone(SHANGHAI).replace(hour=9, minute=30, second=0, microsecond=0)

    def _project(self, buyer: Organization, at: datetime) -> InvestmentProject | None:
        """Pull the owner's project from the approval platform, where it has one."""
        known: DemoProject | None = self.projects.get(buyer.uscc or "")
        if known is None:
            return None
        return pull_project(
            code=known.code, organization=buyer, by=history.agent(buyer), now=self.world.at(at - 3 * HOUR)
        )

    def _lead(self, stage: str, tender: Tender, firms: list[Organization], turn: int) -> Tender:
        world, published = self.world, tender.published_at or self.now
        if stage == "cancelled":
            return history.cancel(world, tender, published + 5 * HOUR, "项目选址调整，重新论证后再行采购")
        if stage == "voided":
            reason = "公告所列服务内容与该事项的实施规范不符，由业主更正后另行采购"
            return void_tender(tender=tender, reason=reason, by=self.admin, now=world.at(published + 6 * HOUR))
        if stage == "open":
            history.take_sign_ups(world, tender, firms, turn % 4, until=self.now)
            return tender
        if stage in {"too_few", "scrapped"}:
            return self._fail(stage, tender)
        if tender.method in NAMED:
            self._finish(stage, tender)
            return tender
        bidders = history.take_sign_ups(world, tender, firms, world.rng.randint(3, 6))
        choices.join(world, tender, bidders)
        if tender.is_sealed and stage != "no_bids":
            choices.offer(world, tender, bidders)
        self._choose(stage, tender, bidders)
        return tender

    def _fail(self, stage: str, tender: Tender) -> Tender:
        """Let nobody sign up: extended once, then failed, and perhaps given up."""
        for _twice in range(2):
            tender = end_sign_up(tender=tender, now=self.world.at(tender.signup_ends_at))
        if stage == "scrapped":
            reason = "建设内容并入上级统一采购，不再单独选取"
            by, now = history.agent(tender.buyer), self.world.at(self.world.now + 2 * DAY)
            tender = scrap_tender(tender=tender, reason=reason, by=by, now=now)
        return tender

    def _choose(self, stage: str, tender: Tender, bidders: list[Bidder]) -> None:
        world = self.world
        if stage == "scheduled":
            end_sign_up(tender=tender, now=world.at(tender.signup_ends_at))
        elif stage == "live":
            auction = history.start(world, tender)
            auctions.play(world, auction, bidders, world.rng.randint(5, 16), self.now)
        elif stage == "no_bids" and tender.method == Method.LIVE_AUCTION:
            history.close(world, history.start(world, tender))
        elif stage == "no_bids":
            end_sign_up(tender=tender, now=world.at(tender.signup_ends_at))
            run_selection(tender=tender, now=world.at(tender.selection_at))
        elif stage == "judging":
            choices.draw_out(world, tender)
        else:
            choices.hold(world, tender, bidders)
            self._finish(stage, tender)

    def _finish(self, stage: str, tender: Tender) -> None:
        world = self.world
        if stage == "standstill":
            return
        if stage == "objected":
            history.object_to(world, tender, "中选报价明显低于成本，请核实其能否按要求配备持证人员。")
            return
        award = Award.objects.select_related("tender__process", "organization").get(tender=tender)
        if stage == "declined":
            reason, by = "项目负责人另有任务，无法按期进场", history.agent(award.organization)
            decline_award(award=award, reason=reason, by=by, now=world.at(award.proposed_at + HOUR))
            return
        if int(tender.rules.get("acceptance_working_days", 0)):
            choices.accept(world, award)
        history.confirm(world, tender)
        if stage in PERFORMED:
            self._perform(stage, tender)

    def _perform(self, stage: str, tender: Tender) -> None:
        world = self.world
        contract = history.sign(world, history.offer(world, tender), only_buyer=stage == "signing")
        if stage == "signing":
            return
        if contract.is_sale:
            history.receive(world, contract)
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
