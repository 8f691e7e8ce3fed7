"""The terms of a need: what a method uses, what can never work, and what stands against publishing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.catalog.models import ServiceCategory
from marketplace.catalog.states import ServiceStatus
from marketplace.core.moments import until
from marketplace.core.money import format_yuan
from marketplace.core.refusals import Invalid
from marketplace.tenders.models import (
    FIXED_PRICE,
    NAMED,
    SEALED,
    WITH_PLAN,
    AuctionDirection,
    AuctionMode,
    Method,
    MoneyKind,
    Tender,
)
from marketplace.tenders.queries.pairs import direct_grounds, failed_formers, pair_count, signed_up_before
from marketplace.tenders.queries.schedule import earliest_end, sign_up_days
from marketplace.tenders.rule_data import criteria_flaw
from marketplace.tenders.rules import lacking

TERMS = (
    "title",
    "service",
    "services_rule",
    "project",
    "case",
    "region",
    "method",
    "money_kind",
    "fiscal_percent",
    "description",
    "delivery_days",
    "price_kind",
    "ceiling_fen",
    "floor_fen",
    "step_fen",
    "requirement",
    "minimum_credit",
    "place",
    "local_code",
    "is_urgent",
    "criteria",
    "chosen_firm",
    "ground",
    "ground_reason",
    "happened_at",
    "contact_name",
    "contact_phone",
    "complaint_phone",
    "signup_ends_at",
    "selection_at",
    "auction_ends_at",
    "auction_mode",
    "auction_direction",
)
MOST_SERVICES = 10
# Before the second failure a need is posted again as it was: what may not change then.
OF_FORMER = ("method", "service_id", "requirement", "minimum_credit")


def settle(*, tender: Tender, now: datetime) -> None:
    """Bring terms to what method and money ask for: unused ones become empty, a fiscal share makes the money fiscal."""
    if tender.fiscal_percent > 0:
        tender.money_kind = MoneyKind.FISCAL
    elif tender.money_kind == MoneyKind.FISCAL:
        tender.fiscal_percent = 100
    method = tender.method
    if method != Method.LIVE_AUCTION:
        tender.step_fen = tender.auction_ends_at = None
        tender.auction_mode, tender.auction_direction = AuctionMode.OPEN, AuctionDirection.DOWN
    if method in FIXED_PRICE:
        tender.floor_fen = None
    if method not in WITH_PLAN:
        tender.criteria = []
    if method not in NAMED:
        tender.chosen_firm, tender.ground_reason = None, ""
    if method != Method.DIRECT:
        tender.ground = ""
    if method != Method.EMERGENCY:
        tender.happened_at = None
    if method in NAMED:
        tender.signup_ends_at = tender.selection_at = now
        tender.minimum_credit, tender.is_urgent = 0, False


def check_terms(*, tender: Tender, services: Iterable[ServiceCategory], rules: Mapping[str, Any]) -> None:
    """Refuse terms that could never be published, each at its field; `services` are all of the need's, the main one first."""
    services = list(services)
    _check_services(tender, services)
    _check_price(tender)
    _check_times(tender)
    if tender.project is not None and tender.project.owner_id not in {None, tender.buyer_id}:
        raise Invalid("project_of_other", _("这个项目登记在另一个业主名下，请核对项目代码。"), field="project")
    if tender.case is not None and tender.case.project_id != tender.project_id:
        raise Invalid("case_of_other", _("这个审批件不属于所选项目，请重新选择。"), field="case")
    if tender.delivery_days < 1:
        raise Invalid("delivery_too_short", _("服务时限至少为 1 天。"), field="delivery_days")
    if not 0 <= tender.minimum_credit <= 100:
        raise Invalid("credit_range", _("最低信用分应为 0 至 100。"), field="minimum_credit")
    for field in ("contact_name", "contact_phone", "complaint_phone"):
        if not getattr(tender, field).strip():
            raise Invalid("contact_missing", _("请填写这一项，公告须写明联系人、联系电话和投诉电话。"), field=field)
    if tender.criteria and (flaw := criteria_flaw(tender.method, tender.criteria)):
        raise Invalid(flaw[0], flaw[1], field="criteria")
    _check_former(tender)
    if tender.method in NAMED:
        _check_named(tender, services, rules)
    if tender.method == Method.LIVE_AUCTION:
        _check_auction(tender, rules)


def _check_services(tender: Tender, services: list[ServiceCategory]) -> None:
    for service in services:
        if service.status == ServiceStatus.CANCELLED:
            field = "service" if service.pk == tender.service_id else "more_services"
            raise Invalid("service_cancelled", _("这项中介服务已从清单中取消，不能再要求采购。"), field=field)
    if len(services) > MOST_SERVICES:
        raise Invalid(
            "too_many_services", _("一份需求最多 %(limit)d 项服务。") % {"limit": MOST_SERVICES}, field="more_services"
        )


def _check_price(tender: Tender) -> None:
    if not 0 <= tender.fiscal_percent <= 100:
        raise Invalid("fiscal_percent_range", _("财政资金占比应为 0 至 100。"), field="fiscal_percent")
    if tender.ceiling_fen <= 0:
        word = _("服务价格必须大于 0 元。") if tender.method in FIXED_PRICE else _("最高限价必须大于 0 元。")
        raise Invalid("ceiling_too_low", word, field="ceiling_fen")
    if tender.price_kind == Tender.PriceKind.DISCOUNT and tender.method not in SEALED:
        raise Invalid("discount_not_here", _("只有密封报价的选取方式可以按下浮率报价。"), field="price_kind")
    if tender.floor_fen is not None:
        if tender.floor_fen <= 0:
            raise Invalid("floor_too_low", _("最低限价必须大于 0 元；不设最低限价请留空。"), field="floor_fen")
        if tender.floor_fen > tender.ceiling_fen:
            raise Invalid("floor_above_ceiling", _("最低限价不能高于最高限价。"), field="floor_fen")
    if tender.method == Method.LIVE_AUCTION:
        if tender.step_fen is None or tender.step_fen <= 0:
            raise Invalid("step_too_low", _("最小降价幅度必须大于 0 元。"), field="step_fen")
        if tender.step_fen >= tender.ceiling_fen:
            raise Invalid(
                "step_too_high", _("最小降价幅度必须小于最高限价，否则第二次报价就无法进行。"), field="step_fen"
            )


def _check_auction(tender: Tender, rules: Mapping[str, Any]) -> None:
    """Hold mode and direction of live bidding to what the rules offer (a need from before them has neither)."""
    if tender.auction_mode not in rules.get("modes", [AuctionMode.OPEN]):
        raise Invalid("mode_not_here", _("现行规则不提供这种竞价模式，请另选。"), field="auction_mode")
    if tender.auction_direction not in rules.get("directions", [AuctionDirection.DOWN]):
        raise Invalid("direction_not_here", _("现行规则不允许这个竞价方向，请另选。"), field="auction_direction")
    if tender.auction_direction == AuctionDirection.UP and tender.floor_fen is not None:
        raise Invalid("floor_not_here", _("价高者得的竞价只有起始价，不设最低限价。"), field="floor_fen")


def _check_times(tender: Tender) -> None:
    if tender.selection_at < tender.signup_ends_at:
        raise Invalid("times_out_of_order", selection_words(tender.method), field="selection_at")
    if tender.method != Method.LIVE_AUCTION:
        return
    if tender.auction_ends_at is None or tender.auction_ends_at <= tender.selection_at:
        raise Invalid("times_out_of_order", _("竞价结束时间必须晚于竞价开始时间。"), field="auction_ends_at")


def selection_words(method: str) -> str:
    """Return why the time of selection may not come before the end of the sign-up."""
    if method == Method.LIVE_AUCTION:
        return _("竞价开始时间不能早于报名截止时间。")
    if method in SEALED:
        return _("开启报价的时间不能早于报名截止时间。")
    return _("选取时间不能早于报名截止时间。")


def _check_former(tender: Tender) -> None:
    """Hold a need that is posted again after its first failure to the terms it had (domain facts 1.4)."""
    failed = failed_formers(tender)
    if len(failed) != 1:
        return
    former = failed[0]
    for name in OF_FORMER:
        if getattr(tender, name) != getattr(former, name):
            raise Invalid(
                "former_terms",
                _("第一次未成交后应按原条件再次采购；第二次未成交后才能放宽要求、改变方式或直接选取。"),
                field=name.removesuffix("_id"),
            )


def _check_named(tender: Tender, services: list[ServiceCategory], rules: Mapping[str, Any]) -> None:
    firm = tender.chosen_firm
    if firm is None:
        raise Invalid("firm_missing", _("请选择拟选机构。"), field="chosen_firm")
    if firm.pk == tender.buyer_id:
        raise Invalid("own_tender", _("不能选择本单位。"), field="chosen_firm")
    if tender.pk and tender.avoidances.filter(organization=firm).exists():
        raise Invalid("firm_avoided", _("这家机构在回避名单中，不能选择。"), field="chosen_firm")
    if reason := lacking(firm, services, tender.services_rule):
        words = _("“%(firm)s”不能承接这项服务：%(reason)s") % {"firm": firm.name, "reason": reason}
        raise Invalid("firm_not_able", words, field="chosen_firm")
    if tender.method == Method.EMERGENCY:
        if tender.happened_at is None:
            raise Invalid("happened_missing", _("请填写应急服务开始的时间。"), field="happened_at")
        if not tender.ground_reason.strip():
            raise Invalid("reason_missing", _("请写明应急的情况和选择该机构的理由，它会公开。"), field="ground_reason")
        return
    _check_ground(tender, rules)


def _check_ground(tender: Tender, rules: Mapping[str, Any]) -> None:
    """Hold public money to the grounds for naming a firm; private owners need none, but one that they give must hold."""
    limit = rules.get("direct_limit_fen")
    firm = tender.chosen_firm
    assert firm is not None
    if limit is not None:
        if not tender.ground:
            raise Invalid("ground_missing", _("请选择直接选取的情形。"), field="ground")
        if tender.ground not in direct_grounds(tender, rules):
            words = _("直接选取限额为 %(limit)s 元，超过限额须是其他法定情形。") % {"limit": format_yuan(int(limit))}
            raise Invalid("above_direct_limit", words, field="ground")
        if not tender.ground_reason.strip():
            raise Invalid("reason_missing", _("请写明直接选取的理由，它会公开。"), field="ground_reason")
    if tender.ground == Tender.Ground.TWICE_FAILED:
        if len(failed_formers(tender)) < 2:
            raise Invalid(
                "not_twice_failed", _("这份需求此前没有两次未成交，请从未成交的需求再次采购。"), field="ground"
            )
        if not signed_up_before(tender, firm):
            raise Invalid(
                "firm_never_signed_up", _("两次未成交后，只能在报过名的机构中直接选取。"), field="chosen_firm"
            )


def check_publication(*, tender: Tender, rules: Mapping[str, Any], now: datetime) -> None:
    """Refuse what stands against publishing now, though the draft is in order."""
    if tender.method == Method.EMERGENCY and tender.happened_at is not None and tender.happened_at > now:
        raise Invalid("happens_later", _("应急服务开始时间还没有到，请改用其他方式。"), field="happened_at")
    if tender.method == Method.DIRECT:
        count, most = pair_count(tender, rules, now), int(rules["pair_block"])
        if count >= most:
            words = _("%(months)d 个月内对同一机构的直接选取已有 %(count)d 次，不能再直接选取，请改用公开方式。")
            given = {"months": rules["pair_months"], "count": count - 1}
            raise Invalid("pair_blocked", words % given, field="chosen_firm")
    if tender.method in NAMED:
        return
    if tender.signup_ends_at <= now:
        raise Invalid("times_in_past", _("报名截止时间已经过去，请改为以后的时间再发布。"), field="signup_ends_at")
    if tender.method == Method.QUOTES:
        count, least = tender.invitations.count(), int(rules["minimum_invited"])
        if count < least:
            words = _("询比选取至少邀请 %(least)d 家机构，现在是 %(count)d 家。") % {"least": least, "count": count}
            raise Invalid("too_few_invited", words, field="invitations")
    if tender.money_kind == MoneyKind.SOCIAL or settings.DEMO:
        return
    days = sign_up_days(tender, rules)
    earliest = earliest_end(now, days, rules)
    if tender.signup_ends_at < earliest:
        words = _("财政和国有资金的报名时间不少于 %(days)d 个工作日，最早 %(until)s 截止。")
        raise Invalid("signup_too_short", words % {"days": days, "until": until(earliest)}, field="signup_ends_at")
