"""How the form of a need is fitted to its method, its owner and the rules: which fields it has, and what they offer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from marketplace.catalog.models import Region, ServiceCategory, ServiceStatus
from marketplace.parties.models import Organization
from marketplace.projects.models import ApprovalCase, InvestmentProject
from marketplace.tenders.models import FIXED_PRICE, NAMED, SEALED, WITH_PLAN, AuctionMode, Method
from marketplace.tenders.queries import offered
from marketplace.tenders.queries.terms import label_of

from .fields import region_choices, service_choices


def unused(method: str) -> list[str]:
    """Return the fields that a method does not have."""
    unused = []
    if method != Method.LIVE_AUCTION:
        unused += ["step_fen", "auction_ends_at", "auction_mode", "auction_direction"]
    if method in FIXED_PRICE:
        unused.append("floor_fen")
    if method not in SEALED:
        unused.append("price_kind")
    if method not in WITH_PLAN:
        unused.append("criteria")
    if method in NAMED:
        unused += ["signup_ends_at", "selection_at", "is_urgent", "minimum_credit"]
    else:
        unused += ["chosen_firm", "ground_reason"]
    if method != Method.DIRECT:
        unused.append("ground")
    if method != Method.EMERGENCY:
        unused.append("happened_at")
    return unused


def _modes() -> dict[str, str]:
    """Say what each mode means to an owner who chooses among them."""
    return {
        AuctionMode.OPEN: _("公开竞价：所有人都看到最优价，报价须优于它"),
        AuctionMode.RANK: _("只见名次：各家只知道自己的名次，金额到结束才公开"),
        AuctionMode.TURNS: _("轮流报价：分轮依次报价，报价差的先报，不延时"),
    }


def offer_auctions(fields: Any, method: str) -> None:
    """Offer the modes and directions that the rules have; where there is one only, nobody is asked."""
    for name, key in (("auction_mode", "modes"), ("auction_direction", "directions")):
        if name not in fields:
            continue
        known, said = offered(method, key), _modes() if name == "auction_mode" else {}
        fields[name].choices = [
            (value, said.get(value, words)) for value, words in fields[name].choices if value in known
        ]
        if len(fields[name].choices) < 2:
            del fields[name]


def name_price(fields: Any, method: str, *, up: bool) -> None:
    """Name price and time as the method means them; `up` where a right is sold for the highest price."""
    if up or "auction_direction" in fields:
        _explain_price(fields)
    for name in ("ceiling_fen", "step_fen"):
        if name in fields:
            fields[name].label = label_of(name, method, up=up)
    if method in FIXED_PRICE:
        fields["ceiling_fen"].help_text = _("由您确定，中选机构按这个价格承接。")
    if "selection_at" in fields:
        fields["selection_at"].label = label_of("selection_at", method)
    for name in ("ceiling_fen", "floor_fen", "step_fen"):
        if name in fields:
            fields[name].unit = _("元")


def _explain_price(fields: Any) -> None:
    """Say what price and step mean, in either direction while the owner still chooses."""
    if "auction_direction" not in fields:
        ceiling, step = _("第一次报价不能低于它。"), _("每次报价至少高这么多。")
    else:
        ceiling = _("购买服务时报价不能高于它；出让权益时它是起始价，报价不能低于它。")
        step = _("购买服务时每次报价至少低这么多；出让权益时至少高这么多。")
    for name, words in (("ceiling_fen", ceiling), ("step_fen", step)):
        if name in fields:
            fields[name].help_text = words


def fill_choices(fields: Any, organization: Organization, project: InvestmentProject | None, *, is_bound: bool) -> None:
    """Fill the lists of projects, cases, services and regions."""
    fields["project"].queryset = InvestmentProject.objects.filter(owner=organization).order_by("-fetched_at", "-pk")
    cases = ApprovalCase.objects.filter(project__owner=organization).select_related("matter")
    fields["case"].queryset = cases.filter(project=project) if project and not is_bound else cases
    services = service_choices(project)
    for name in ("service", "more_services"):
        fields[name].queryset = ServiceCategory.objects.exclude(status=ServiceStatus.CANCELLED)
        fields[name].choices = services if name == "service" else services[1:]
    fields["region"].queryset = Region.objects.exclude(level=Region.Level.PROVINCE)
    fields["region"].choices = region_choices()
