"""The rules of a method as sentences, for the notice that froze them and for the desk where they are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from marketplace.core.money import format_yuan
from marketplace.tenders.models import FIXED_PRICE, NAMED, Method, MoneyKind, Tender
from marketplace.tenders.rule_data import BY_MONEY

from .auction_words import auction_in_words


def rules_in_words(method: str, rules: Mapping[str, Any], *, tender: Tender | None = None) -> list[str]:
    """Return the rules as sentences: those frozen for `tender`, or a version with values by kind of money."""
    sentences = [] if method in NAMED else [_minimum(rules, method)]
    if tender is not None and method == Method.LIVE_AUCTION:
        sentences += auction_in_words(rules, mode=tender.auction_mode, direction=tender.auction_direction)
    else:
        sentences += _SELECTION[Method(method)](rules)
    if method in FIXED_PRICE:
        sentences.append(_("价格由业主确定，中选机构按公告价格承接。"))
    sentences += _result(method, rules)
    if tender is not None and tender.is_upward:
        return [*sentences, _("价款由中选机构按合同直接付给业主，不经平台托管。")]
    milestones = "；".join(f"{step['title']} {step['percent']}%" for step in rules["milestones"])
    return [*sentences, _("合同款按节点支付：%(milestones)s。") % {"milestones": milestones}]


def minimum_in_words(rules: Mapping[str, Any]) -> str:
    """Return how many firms a method takes at least, by kind of money where it differs."""
    return _by_money(rules["minimum_bidders"])


def criteria_in_words(criteria: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Return criteria as (name, points, who gives them)."""
    givers = {
        "price": _("按报价计算"),
        "credit": _("按信用分计算"),
        "owner": _("业主评分"),
        "scorers": _("评审人员评分"),
    }
    return [
        (str(row["name"]), _("%(points)d 分") % {"points": row["points"]}, givers.get(row["by"], ""))
        for row in criteria
    ]


def _by_money(value: Any, word: str = "%s") -> str:
    """Say a value, or each of a table by kind of money."""
    if not isinstance(value, dict):
        return str(word % value)
    return "、".join(f"{MoneyKind(kind).label} {word % value[kind]}" for kind in BY_MONEY if kind in value)


def _days(rules: Mapping[str, Any], key: str) -> str:
    """Say a number of working days, shortened in demonstrations."""
    value, seconds = rules[key], rules.get("working_day_seconds")
    if seconds and isinstance(value, int):
        return _("%(seconds)d 秒（演示环境缩短）") % {"seconds": seconds * value}
    return _by_money(value, _("%s 个工作日"))


def _minimum(rules: Mapping[str, Any], method: str) -> str:
    too_few = rules["too_few"]
    given = {
        "count": _by_money(rules["minimum_bidders"]),
        "times": too_few["extensions"],
        "days": _days({**rules, "days": too_few["working_days"]}, "days"),
    }
    if too_few["extensions"]:
        return (
            _("报名机构不足 %(count)s 家时，自动延长报名 %(days)s，最多 %(times)d 次；仍不足的，本次采购终止。") % given
        )
    return _("报名机构不足 %(count)s 家时，本次采购终止。") % given


def _ties(rules: Mapping[str, Any]) -> str:
    words = {"credit": _("信用分高者优先"), "amount": _("报价低者优先"), "draw": _("公开抽取")}
    return _("并列时依次按：%(ties)s。") % {"ties": "、".join(words[tie] for tie in rules["ties"])}


def _sealed() -> str:
    return _("报价在提交时加密，开启之前任何人都看不到，包括业主和平台；开启前可以替换或撤回。")


def _best_price(rules: Mapping[str, Any]) -> list[str]:
    factors = "、".join(f"{factor}%" for factor in rules["factors_percent"])
    return [
        _sealed(),
        _("有效报价达到 %(count)d 家时，去掉一个最高和一个最低报价后取平均值；不足时取全部平均值。")
        % {"count": rules["drop_from"]},
        _("平均值乘以公开抽取的系数（%(factors)s 之一）为基准价，最接近基准价的机构为拟中选机构。")
        % {"factors": factors},
        _ties(rules),
    ]


def _average(rules: Mapping[str, Any]) -> list[str]:
    return [
        _sealed(),
        _("有效报价达到 %(count)d 家时，去掉一个最高和一个最低报价后取平均值；不足时取全部平均值。")
        % {"count": rules["drop_from"]},
        _("不高于平均值且最接近的机构为拟中选机构；没有的，取高于平均值中最接近的。"),
        _ties(rules),
    ]


def _draw(rules: Mapping[str, Any]) -> list[str]:
    return [
        _("报名截止后名单固定并公布其哈希，抽取种子由平台事先承诺，任何人都可以重新计算。"),
        _("在全部合格的报名机构中随机排序，第一位为拟中选机构，其后为候补。"),
    ]


def _credit(rules: Mapping[str, Any]) -> list[str]:
    return [
        _("报名机构按信用分排序，前 %(long)d 家进入大名单。") % {"long": rules["long_list"]},
        _("大名单按信用分加权抽取 %(short)d 家进入小名单，抽取可以重新计算。") % {"short": rules["short_list"]},
        _("业主在 %(days)s内从小名单中择优并写明理由；逾期未选的，取小名单第一位。")
        % {"days": _days(rules, "pick_working_days")},
    ]


def _merit(rules: Mapping[str, Any]) -> list[str]:
    return [
        _sealed(),
        _("开启后业主在 %(days)s内按公布的标准对方案逐家评分并写明意见。")
        % {"days": _days(rules, "judging_working_days")},
        _("得分最高的机构为拟中选机构。") + _ties(rules),
    ]


def _scored(rules: Mapping[str, Any]) -> list[str]:
    return [
        _sealed(),
        _("由至少 %(count)d 名评审人员只看代号和方案评分，其中业主人员不超过 %(percent)d%%。")
        % {"count": rules["minimum_scorers"], "percent": rules["owner_scorers_percent"]},
        _("评审人员达到 %(count)d 名时，每项去掉一个最高分和一个最低分；评审在 %(days)s内完成。")
        % {"count": rules["drop_scorers_from"], "days": _days(rules, "judging_working_days")},
        _("得分最高的机构为拟中选机构。") + _ties(rules),
    ]


def _quotes(rules: Mapping[str, Any]) -> list[str]:
    return [
        _("业主至少邀请 %(count)d 家机构报价，其他符合条件的机构也可以报价。") % {"count": rules["minimum_invited"]},
        _sealed(),
        _("符合要求的最低报价为拟中选。") + _ties(rules),
    ]


def _direct(rules: Mapping[str, Any]) -> list[str]:
    limit = rules["direct_limit_fen"]
    sentences = []
    if isinstance(limit, dict):
        known = {kind: format_yuan(fen) for kind, fen in limit.items() if fen is not None}
        sentences.append(_("直接选取限额：%(limit)s 元，超过须有法定情形。") % {"limit": _by_money(known)})
    elif limit is not None:
        grounds = "、".join(str(Tender.Ground(one).label) for one in rules["grounds_above_limit"])
        words = _("价格不超过 %(limit)s 元可以直接选取；超过的，须是以下情形之一：%(grounds)s。")
        sentences.append(words % {"limit": format_yuan(int(limit)), "grounds": grounds})
    pair = _("%(months)d 个月内对同一机构第 %(warn)s 次直接选取提示，第 %(block)s 次不予发布。")
    given = {"warn": _by_money(rules["pair_warn"]), "block": _by_money(rules["pair_block"])}
    return [*sentences, pair % {"months": rules["pair_months"], **given}]


def _emergency(rules: Mapping[str, Any]) -> list[str]:
    return [
        _("因抢险救灾等紧急情况由业主直接选定机构，并在 %(days)s内补录公开；逾期补录的，公告注明。")
        % {"days": _days(rules, "record_working_days")},
    ]


_SELECTION = {
    Method.DIRECT: _direct,
    Method.DRAW: _draw,
    Method.LIVE_AUCTION: auction_in_words,
    Method.BEST_PRICE: _best_price,
    Method.AVERAGE: _average,
    Method.CREDIT: _credit,
    Method.MERIT: _merit,
    Method.SCORED: _scored,
    Method.QUOTES: _quotes,
    Method.EMERGENCY: _emergency,
}


def _result(method: str, rules: Mapping[str, Any]) -> list[str]:
    sentences = []
    if rules["standstill_working_days"]:
        days = {"days": _days(rules, "standstill_working_days")}
        sentences.append(_("中选结果公示 %(days)s，期间可以提出异议。") % days)
    if rules["acceptance_working_days"]:
        days = {"days": _days(rules, "acceptance_working_days")}
        sentences.append(_("公示结束后中选机构在 %(days)s内确认，逾期视为放弃。") % days)
    if rules["reserves"] and method not in NAMED:
        words = _("中选机构放弃或被取消资格的，依次由其后 %(count)s 名替补；仍无结果的，本次采购终止。")
        sentences.append(words % {"count": _by_money(rules["reserves"])})
    if method not in NAMED:
        sentences.append(_("同一负责人、相互控股、同一经办人或联系方式的机构不能同时参加。"))
    return sentences
