"""The terms of a need in words: one by one for differences, all together for the notice and its preview."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.catalog.models import ServiceCategory
from marketplace.core.moments import until as until_words
from marketplace.core.money import format_yuan
from marketplace.tenders.models import FIXED_PRICE, NAMED, SEALED, AuctionMode, Method, MoneyKind, Tender

NOTHING = "—"


def label_of(name: str, method: str, *, up: bool = False) -> str:
    """Return what a term is called where firms are selected by `method`; `up` where the highest price wins."""
    if up and name in {"ceiling_fen", "step_fen"}:
        return _("起始价") if name == "ceiling_fen" else _("最小加价幅度")
    if name == "ceiling_fen" and method in FIXED_PRICE:
        return _("服务价格")
    if name == "selection_at":
        return selection_label(method)
    return {
        "title": _("需求名称"),
        "description": _("服务内容与要求"),
        "place": _("详细地点"),
        "delivery_days": _("服务时限"),
        "requirement": _("对机构的其他要求"),
        "minimum_credit": _("最低信用分"),
        "ceiling_fen": _("最高限价"),
        "floor_fen": _("最低限价"),
        "step_fen": _("最小降价幅度"),
        "signup_ends_at": _("报名截止"),
        "auction_ends_at": _("竞价结束"),
        "local_code": _("采购项目编码"),
        "contact_name": _("联系人"),
        "contact_phone": _("联系电话"),
        "complaint_phone": _("投诉电话"),
        "documents": _("附件"),
    }[name]


def selection_label(method: str) -> str:
    """Return what happens at `selection_at`."""
    if method == Method.LIVE_AUCTION:
        return _("竞价开始")
    if method in SEALED:
        return _("开启报价")
    return _("公开抽取") if method == Method.DRAW else _("选取时间")


def words_of(tender: Tender, name: str) -> str:
    """Return one term's value in words; — for what is empty."""
    value = getattr(tender, name)
    if value is None or value == "":
        return NOTHING
    if name.endswith("_fen"):
        return _("%(amount)s 元") % {"amount": format_yuan(value)}
    if name == "delivery_days":
        return ngettext("%(days)d 天（自合同生效）", "%(days)d 天（自合同生效）", value) % {"days": value}
    if name == "minimum_credit":
        return _("%(points)d 分") % {"points": value} if value else _("不限")
    if name in {"signup_ends_at", "auction_ends_at"}:
        return until_words(value)
    if isinstance(value, datetime):
        return str(date_format(localtime(value), "Y-m-d H:i"))
    return str(value)


def terms_of(tender: Tender) -> list[tuple[str, str]]:
    """Return the terms as (label, value) for the summary list: only what the need's method has."""
    rows = [(_("项目业主"), tender.buyer.name), *_services(tender)]
    rows += [(_("服务地点"), " ".join(filter(None, [tender.region.label, tender.place])))]
    rows += [(_("服务时限"), words_of(tender, "delivery_days"))]
    rows += [(_("资金性质"), _money(tender)), *_price(tender)]
    rows += [(_("选取方式"), tender.method_label), *_auction(tender), *_times(tender)]
    rows += [(_("机构要求"), _requirement(tender))]
    if tender.requirement:
        rows.append((_("其他要求"), tender.requirement))
    if tender.minimum_credit:
        rows.append((_("最低信用分"), words_of(tender, "minimum_credit")))
    if tender.project:
        rows.append((_("投资项目"), f"{tender.project.name}（{tender.project.code}）"))
    if tender.case:
        rows.append((_("审批件"), f"{tender.case.matter.label}（{tender.case.number}）"))
    if tender.local_code:
        rows.append((_("采购项目编码"), tender.local_code))
    return [
        *rows,
        (_("联系人"), f"{tender.contact_name} {tender.contact_phone}"),
        (_("投诉电话"), tender.complaint_phone),
    ]


def _services(tender: Tender) -> list[tuple[str, str]]:
    further = _further(tender)
    if not further:
        return [(_("中介服务"), tender.service.label)]
    names = "、".join(service.label for service in [tender.service, *further])
    rule = str(Tender.ServicesRule(tender.services_rule).label)
    return [(_("中介服务"), _("%(services)s（%(rule)s）") % {"services": names, "rule": rule})]


def _money(tender: Tender) -> str:
    if tender.money_kind != MoneyKind.FISCAL or tender.fiscal_percent == 100:
        return str(tender.get_money_kind_display())
    return _("财政资金 %(fiscal)d%%，社会资金 %(social)d%%") % {
        "fiscal": tender.fiscal_percent,
        "social": tender.social_percent,
    }


def _price(tender: Tender) -> list[tuple[str, str]]:
    up = tender.is_upward
    rows = [(label_of("ceiling_fen", tender.method, up=up), words_of(tender, "ceiling_fen"))]
    if tender.floor_fen is not None:
        rows.append((_("最低限价"), words_of(tender, "floor_fen")))
    if tender.step_fen is not None:
        rows.append((label_of("step_fen", tender.method, up=up), words_of(tender, "step_fen")))
    if tender.method in SEALED:
        discount = tender.price_kind == Tender.PriceKind.DISCOUNT
        rows.append((_("报价形式"), _("下浮率（在最高限价基础上）") if discount else _("金额（元）")))
    return rows


def _auction(tender: Tender) -> list[tuple[str, str]]:
    """Say how firms bid; whether sealed offers come first a draft does not know yet, its rules are frozen later."""
    if tender.method != Method.LIVE_AUCTION:
        return []
    words = str(tender.get_auction_mode_display())
    if tender.rules.get("sealed_first", False):
        words = _("先密封报价，再%(mode)s") % {"mode": words}
    rows = [(_("竞价模式"), words)]
    if tender.is_upward:
        rows.append((_("竞价方向"), str(tender.get_auction_direction_display())))
    return rows


def _times(tender: Tender) -> list[tuple[str, str]]:
    if tender.method == Method.EMERGENCY and tender.happened_at:
        return [(_("应急服务开始"), words_of(tender, "happened_at")), (_("选取时间"), _("发布公告时"))]
    if tender.method in NAMED:
        return [(_("选取时间"), _("发布公告时"))]
    rows = [(_("报名截止"), until_words(tender.signup_ends_at))]
    if tender.auction_ends_at is None:
        return [*rows, (selection_label(tender.method), words_of(tender, "selection_at"))]
    span = {"opens": words_of(tender, "selection_at"), "ends": words_of(tender, "auction_ends_at")}
    auction = getattr(tender, "auction", None)
    if tender.auction_mode == AuctionMode.TURNS:
        if auction is None or not auction.turns_from:
            span["rounds"] = tender.rules.get("turns", {}).get("rounds", 3)
            return [*rows, (_("竞价时间"), _("%(opens)s 开始，轮流报价 %(rounds)d 轮，轮完即结束") % span)]
        span["ends"] = date_format(localtime(auction.ends_at), "Y-m-d H:i:s")
        return [*rows, (_("竞价时间"), _("%(opens)s 至 %(ends)s") % span)]
    if auction is None or auction.ends_at <= tender.auction_ends_at:
        return [*rows, (_("竞价时间"), _("%(opens)s 至 %(ends)s") % span)]
    span |= {"planned": span["ends"], "ends": date_format(localtime(auction.ends_at), "Y-m-d H:i:s")}
    return [*rows, (_("竞价时间"), _("%(opens)s 至 %(ends)s（原定 %(planned)s，已顺延）") % span)]


def _requirement(tender: Tender) -> str:
    texts = [service.requirement_label for service in [tender.service, *_further(tender)]]
    return "；".join(dict.fromkeys(text for text in texts if text))


def _further(tender: Tender) -> list[ServiceCategory]:
    return list(tender.more_services.order_by("code")) if tender.pk else []
