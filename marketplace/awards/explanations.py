"""A result in words: one sentence why the first is the first, and a table that says of every firm why it stands where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

from django.utils.translation import gettext as _

from marketplace.core.money import format_yuan

NONE = "—"
PRICED = frozenset({"live_auction", "quotes", "best_price", "average", "merit", "scored"})
JUDGED = frozenset({"merit", "scored"})


@dataclass(frozen=True)
class Explanation:
    """What a page shows of a result: texts in the reader's language; each row has a cell for each column."""

    sentence: str
    columns: list[str]
    rows: list[list[str]]


def explain(result: Mapping[str, Any], *, names: Mapping[str, str] | None = None) -> Explanation:
    """Put a result (`Result.as_data()`, as JSON kept it) into words; `names` gives the firms' names by label, once they are public."""
    named = names or {}
    extra = _own_columns(result)
    price = _("报价（元）") if result["method"] in PRICED else _("合同价（元）")
    columns = [_("名次"), _("机构"), price, *(title for title, _cell in extra), _("说明")]
    places = [*result["ranking"], *({"rank": None, "amount_fen": None, **row} for row in result["unranked"])]
    rows = []
    for place in places:
        amount = place["amount_fen"] or place["facts"].get("amount_fen")
        rows.append(
            [
                str(place["rank"] or NONE),
                named.get(place["firm"], place["firm"]),
                format_yuan(amount) if amount else NONE,
                *(cell(place["facts"]) for _title, cell in extra),
                _why(place, result),
            ]
        )
    return Explanation(_sentence(result, named), columns, rows)


def problem_in_words(code: str) -> str:
    """Say to people why nothing can be ranked: the codes of `methods.Malformed`."""
    return {
        "pick_outside_short_list": _("只能从入围名单中选定一家机构。"),
        "pick_not_expected": _("这种选取方式由规则决定名次，业主不另行选定。"),
        "scorers_too_few": _("评审人数不足，还不能得出结果。"),
        "scorers_differ": _("每位评审都要为每家机构的每一项打分。"),
        "missing_points": _("还有机构没有打分，请补齐后再提交。"),
        "score_out_of_range": _("分数要在 0 分与该项满分之间。"),
        "criteria_malformed": _("评分标准不完整，请管理机构核对规则。"),
        "criteria_not_100": _("各项评分标准的满分合计应为 100 分。"),
        "duplicate_firm": _("同一家机构出现了两次。"),
        "one_firm_only": _("这种选取方式要选定一家机构，不多也不少。"),
        "seed_missing": _("抽签所需的随机种子还没有公布。"),
    }.get(code, _("数据不完整，无法得出结果，请联系平台管理机构。"))


def _own_columns(result: Mapping[str, Any]) -> list[tuple[str, Callable[[Mapping[str, Any]], str]]]:
    """Return the columns that only this method has: title, and the cell of a firm's facts."""
    method, facts = result["method"], result["facts"]
    credit = (_("信用分"), _of("credit", _hundredths))
    if method == "live_auction":
        return [(_("报价次数"), _of("offers", str)), (_("报价序号"), _of("sequence", str))]
    if method == "best_price":
        return [(_("与基准价相差（元）"), _of("distance_fen", _yuan)), credit]
    if method == "average":
        return [(_("与均价相差（元）"), _of("distance_fen", _yuan)), credit]
    if method == "quotes":
        return [credit]
    if method == "credit":
        return [credit, (_("签数"), _of("tickets", str)), (_("抽签位次"), _of("drawn", str))]
    if method in JUDGED:
        criteria = [
            (
                _("%(criterion)s（满分 %(points)s）") % {"criterion": row["name"], "points": row["points"]},
                _points_of(row["key"]),
            )
            for row in facts.get("criteria", [])
        ]
        return [*criteria, (_("总分"), _of("total", _two_decimals))]
    return []


def _sentence(result: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Say why the first is the first, with the numbers."""
    if not result["ranking"]:
        return (
            _("没有有效报价，没有机构排名第一。")
            if result["method"] in PRICED
            else _("没有机构参加，没有机构排名第一。")
        )
    first, facts = result["ranking"][0], result["facts"]
    values = {
        **facts,
        **first["facts"],
        "firm": names.get(first["firm"], first["firm"]),
        "amount": format_yuan(first["amount_fen"]),
        "firms": facts["firms"],
        "offers": facts.get("offers", 0),
        "factor": facts.get("factor_percent", 0),
        "mean": _yuan(facts.get("mean_fen", 0)),
        "reference": _yuan(facts.get("reference_fen", 0)),
        "distance": _yuan(first["facts"].get("distance_fen", 0)),
        "total": _two_decimals(first["facts"].get("total", 0)),
        "long": len(facts.get("long_list", ())),
        "short": len(facts.get("short_list", ())),
    }
    base, _sign, tie = result["code"].partition("_by_")
    parts = [_opening(result) % values, _verdict(result["method"], base) % values]
    ties = {
        "credit": _("并列的，按信用分从高到低，%(firm)s在前。"),
        "amount": _("并列的，按报价从低到高，%(firm)s在前。"),
        "draw": _("并列的，由公开的随机种子抽签定先后，%(firm)s在前。"),
    }
    parts += [ties[tie] % values] if tie else []
    text = ""
    for part in parts:
        # Translators put the space in where their language wants one between sentences.
        text = _("%(one)s%(two)s") % {"one": text, "two": part} if text and part else text or part
    return text


def _opening(result: Mapping[str, Any]) -> str:
    """Say who took part, and what the offers gave."""
    method, code, facts = result["method"], result["code"], result["facts"]
    if code in {"named", "only_firm"}:
        return ""
    if method == "draw":
        return _("%(firms)s 家机构参加抽签，每家一签。")
    if method == "credit":
        return _("%(firms)s 家机构报名，信用分居前的 %(long)s 家按信用分得签，抽签在前的 %(short)s 家入围。")
    if method == "live_auction":
        return _("%(firms)s 家机构参加，共 %(offers)s 次有效报价。")
    if code == "only_offer":
        return _("%(firms)s 家机构参加，1 家报价有效。")
    if method in {"best_price", "average"}:
        if facts["counted"] < facts["offers"]:
            return _(
                "%(firms)s 家机构参加，%(offers)s 家报价有效；去掉最高、最低报价各一个，其余 %(counted)s 个平均 %(mean)s 元。"
            )
        return _("%(firms)s 家机构参加，%(offers)s 家报价有效，平均 %(mean)s 元。")
    if method == "scored":
        return _("%(firms)s 家机构参加，%(offers)s 家报价有效，由 %(scorers)s 位评审按公布的标准打分。")
    if method == "merit":
        return _("%(firms)s 家机构参加，%(offers)s 家报价有效，由业主按公布的标准打分。")
    return _("%(firms)s 家机构参加，%(offers)s 家报价有效。")


def _verdict(method: str, base: str) -> str:
    """Say what put the first there."""
    if base == "named" and method == "emergency":
        return _("应急选取，业主直接选定%(firm)s，价格 %(amount)s 元。")
    if base == "nearest":
        return _(
            "抽得系数 %(factor)s%%，基准价 %(reference)s 元；%(firm)s报价 %(amount)s 元与基准价最近，相差 %(distance)s 元，排名第一。"
        )
    return {
        "named": _("业主直接选定%(firm)s，价格 %(amount)s 元。"),
        "only_firm": _("只有%(firm)s一家报名，按业主公布的价格 %(amount)s 元，排名第一。"),
        "only_offer": _("只有%(firm)s的报价有效，报价 %(amount)s 元，排名第一。"),
        "drawn_first": _("%(firm)s抽在第一位，按业主公布的价格 %(amount)s 元，排名第一。"),
        "picked": _("业主从入围机构中选定%(firm)s（抽签第 %(drawn)s 位），按公布的价格 %(amount)s 元，排名第一。"),
        "lowest": _("%(firm)s报价 %(amount)s 元最低，排名第一。"),
        "highest": _("%(firm)s报价 %(amount)s 元最高，排名第一。"),
        "highest_earlier": _("最高价 %(amount)s 元不止一家，%(firm)s的第 %(sequence)s 号报价提交在先，排名第一。"),
        "lowest_earlier": _("最低价 %(amount)s 元不止一家，%(firm)s的第 %(sequence)s 号报价提交在先，排名第一。"),
        "nearest_not_above": _(
            "不高于均价的报价中，%(firm)s报价 %(amount)s 元与均价最近，相差 %(distance)s 元，排名第一。"
        ),
        "most_points": _("%(firm)s总分 %(total)s 分最高，报价 %(amount)s 元，排名第一。"),
    }[base]


def _why(place: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """Say why a firm stands in its place."""
    method, facts = result["method"], result["facts"]
    base, _sign, tie = place["reason"].partition("_by_")
    if base == "equal":
        text = {
            "credit": _("与前一名并列，信用分较低"),
            "amount": _("与前一名并列，报价较高"),
            "draw": _("与前一名并列，抽签在后"),
        }[tie]
    else:
        text = _reasons(method)[base] % {"long": len(facts.get("long_list", ())), **place["facts"], **place}
        tied = {
            "credit": _("与第二名并列，信用分较高"),
            "amount": _("与第二名并列，报价较低"),
            "draw": _("与第二名并列，抽签在前"),
        }
        text = _("%(one)s；%(two)s") % {"one": text, "two": tied[tie]} if tie else text
    if place["facts"].get("is_low"):
        low = _("报价明显偏低，低于平均报价的 %(percent)s%%") % {"percent": facts["low_offer_percent"]}
        text = _("%(one)s；%(two)s") % {"one": text, "two": low}
    return text


def _reasons(method: str) -> dict[str, str]:
    is_average = method == "average"
    return {
        "named": _("业主选定"),
        "only_firm": _("唯一报名的机构"),
        "drawn_first": _("抽在第一位"),
        "drawn_later": _("抽在第 %(drawn)s 位") if method == "credit" else _("抽在第 %(rank)s 位，依次替补"),
        "picked": _("业主从入围机构中选定"),
        "only_offer": _("唯一有效的报价"),
        "lowest": _("报价最低"),
        "lowest_earlier": _("报价同为最低，提交在先"),
        "highest": _("报价最高"),
        "highest_earlier": _("报价同为最高，提交在先"),
        "lower": _("报价低于前一名"),
        "same_later": _("与前一名报价相同，提交在后"),
        "higher": _("报价高于前一名"),
        "nearest": _("与基准价最近"),
        "nearest_not_above": _("不高于均价，且与均价最近"),
        "farther": _("不高于均价，与均价相差较大") if is_average else _("与基准价相差较大"),
        "above_mean": _("高于均价，排在不高于均价的报价之后"),
        "most_points": _("总分最高"),
        "fewer_points": _("总分低于前一名"),
        "no_offer": _("报名后没有报价"),
        "above_ceiling": _("报价高于最高限价，无效"),
        "below_floor": _("报价低于最低限价，无效"),
        "below_start": _("报价低于起始价，无效"),
        "dropped_high": _("作为最高报价去掉，不参加排名"),
        "dropped_low": _("作为最低报价去掉，不参加排名"),
        "cut_off": _("信用分不在前 %(long)s 名，没有参加抽签"),
        "not_drawn": _("参加抽签，没有入围"),
    }


def _of(key: str, words: Callable[[Any], str]) -> Callable[[Mapping[str, Any]], str]:
    return lambda facts: words(facts[key]) if key in facts else NONE


def _points_of(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda facts: _two_decimals(facts["points"][key]) if "points" in facts else NONE


def _yuan(fen: str | int) -> str:
    """Return exact fen ("n/d" or whole) as yuan with two decimals, rounded half up."""
    return format_yuan(floor(Fraction(fen) + Fraction(1, 2)))


def _two_decimals(value: str | int) -> str:
    """Return an exact number with two decimals, rounded half up."""
    return _hundredths(floor(Fraction(value) * 100 + Fraction(1, 2)))


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"
