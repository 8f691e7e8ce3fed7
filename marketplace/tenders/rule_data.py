"""The first version of the rules of every method, each figure a setting, and what is wrong with a version in the making.

Keys that hold for every method:

- `minimum_bidders`: fewer sign-ups (or, for sealed offers, fewer offers) end the round;
- `signup_working_days`, `urgent_signup_working_days`: what owners are advised to leave for signing up;
- `standstill_working_days`: public notice of the proposed award;
- `acceptance_working_days`: how long a chosen firm has to accept after the standstill; 0 where its offer binds it already;
- `too_few`: how often, and by how many working days, the sign-up is extended by itself when too few firms came;
- `reserves`: how many firms after the first may follow when it declines, lapses or is disqualified;
- `credit_without_reviews`: the credit, in hundredths of a point, of a firm that nobody has reviewed yet;
- `low_offer_percent`: an offer below this part of the mean of all valid ones is marked as unusually low; its rank stays, 0 marks none;
- `conflicts`: what ties firms together or to the owner so that they may not sign up (bidding/conflicts.py);
- `amendment_working_days`: what must be left for signing up after an amendment;
- `ties`: what decides between equal firms, in this order: "credit" (higher first), "amount" (lower first), "draw";
- `step_warning_percent`, `milestones`: advice on the step; the steps of the contract in percent of its amount.

Live bidding besides: `modes` and `directions` among which an owner chooses; `sealed_first`, `proxy` and `leader_may_improve`, yes or no;
`confirm_drop_percent`, from which a bid is asked about; `turns`; `outage_seconds`, a silence of the platform that gives time back
(0 never); `void_by_two`, whether a second person confirms that a bid is void. docs/bidding.md tells what each does.

A value that differs by kind of money is a table {"fiscal": …, "state": …, "social": …}. Money is fen, ratios are integers of
the named unit. Source of the figures: the domain's rules table; where it is silent docs/decisions/0011 says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from .models.choices import Method
from .rule_checks import CHECKS, CONFLICTS, is_whole

BY_MONEY = ("fiscal", "state", "social")
COMMON: dict[str, Any] = {
    "minimum_bidders": {"fiscal": 3, "state": 3, "social": 2},
    "signup_working_days": 3,
    "urgent_signup_working_days": 1,
    "standstill_working_days": {"fiscal": 2, "state": 2, "social": 1},
    "acceptance_working_days": 0,
    "too_few": {"extensions": 1, "working_days": 2},
    "reserves": 2,
    "credit_without_reviews": 8000,
    "low_offer_percent": 60,
    "conflicts": list(CONFLICTS),
    "shareholder_percent": 20,
    "amendment_working_days": 1,
    "ties": ["credit", "draw"],
    "step_warning_percent": 10,
    "milestones": [{"title": "提交成果初稿", "percent": 40}, {"title": "成果通过验收", "percent": 60}],
}
DIRECT: dict[str, Any] = {
    "minimum_bidders": 1,
    "acceptance_working_days": 2,
    "reserves": 0,
    "direct_limit_fen": {"fiscal": 5_000_000, "state": 5_000_000, "social": None},
    "grounds_above_limit": ["twice_failed", "continuity", "urgent"],
    "pair_warn": 3,
    "pair_block": 5,
    "pair_months": 12,
}
CRITERIA: list[dict[str, Any]] = [
    {"key": "price", "name": "报价", "points": 40, "by": "price"},
    {"key": "plan", "name": "服务方案", "points": 30, "by": "scorers"},
    {"key": "team", "name": "人员与业绩", "points": 15, "by": "scorers"},
    {"key": "credit", "name": "信用", "points": 15, "by": "credit"},
]
DEFAULTS: dict[str, dict[str, Any]] = {
    Method.DIRECT: {**COMMON, **DIRECT},
    Method.EMERGENCY: {
        **COMMON,
        "minimum_bidders": 1,
        "reserves": 0,
        "standstill_working_days": 0,
        "record_working_days": 3,
    },
    Method.DRAW: {**COMMON, "acceptance_working_days": 2},
    Method.LIVE_AUCTION: {
        **COMMON,
        "window_seconds": 120,
        "max_extensions": 10,
        "hard_end_seconds": 3600,
        "modes": ["open", "rank", "turns"],
        "directions": ["down"],
        "sealed_first": False,
        "proxy": True,
        "leader_may_improve": False,
        "confirm_drop_percent": 10,
        "turns": {"rounds": 3, "turn_seconds": 120, "pause_seconds": 120},
        "outage_seconds": 30,
        "void_by_two": {"fiscal": True, "state": True, "social": False},
    },
    Method.BEST_PRICE: {
        **COMMON,
        "minimum_bidders": {"fiscal": 3, "state": 3, "social": 1},
        "factors_percent": [95, 96, 97, 98],
        "drop_from": 6,
        "ties": ["amount", "credit", "draw"],
    },
    Method.AVERAGE: {**COMMON, "drop_from": 5, "ties": ["amount", "credit", "draw"]},
    Method.CREDIT: {
        **COMMON,
        "minimum_bidders": 2,
        "acceptance_working_days": 2,
        "long_list": 10,
        "short_list": 3,
        "pick_working_days": 2,
    },
    Method.MERIT: {
        **COMMON,
        "signup_working_days": 5,
        "criteria": [
            {"key": "plan", "name": "响应方案", "points": 50, "by": "owner"},
            {"key": "team", "name": "人员", "points": 20, "by": "owner"},
            {"key": "price", "name": "报价", "points": 30, "by": "price"},
        ],
        "judging_working_days": 5,
        "ties": ["amount", "credit", "draw"],
    },
    Method.SCORED: {
        **COMMON,
        "signup_working_days": 5,
        "criteria": CRITERIA,
        "minimum_scorers": 3,
        "drop_scorers_from": 5,
        "owner_scorers_percent": 33,
        "judging_working_days": 5,
        "ties": ["amount", "credit", "draw"],
    },
    Method.QUOTES: {**COMMON, "minimum_invited": 3, "minimum_bidders": 3},
}

# Who may give the points of a criterion, by method.
CRITERIA_BY: dict[str, tuple[str, ...]] = {
    Method.MERIT: ("owner", "price"),
    Method.SCORED: ("scorers", "price", "credit"),
}


def criteria_flaw(method: str, criteria: Any) -> tuple[str, str] | None:
    """Return (code, sentence) for what is wrong with criteria, None when they can decide: 100 points, each given by somebody."""
    rows = criteria if isinstance(criteria, list) else None
    if not rows or any(not isinstance(row, dict) for row in rows):
        return "criteria_missing", _("请至少写一条评审标准。")
    allowed = CRITERIA_BY.get(method, ())
    for row in rows:
        name, points = row.get("name"), row.get("points")
        if not isinstance(name, str) or not 1 <= len(name.strip()) <= 40 or not row.get("key"):
            return "criteria_name", _("每条评审标准都要有名称，最多 40 字。")
        if not is_whole(points) or not 1 <= points <= 100:
            return "criteria_points", _("“%(name)s”的分值应为 1 至 100 的整数。") % {"name": name}
        if row.get("by") not in allowed:
            return "criteria_by", _("“%(name)s”没有写明由谁评分，或这种选取方式不这样评分。") % {"name": name}
    keys, givers = [row["key"] for row in rows], [row["by"] for row in rows]
    if len(set(keys)) < len(keys) or givers.count("price") > 1 or givers.count("credit") > 1:
        return "criteria_twice", _("同一项评审标准出现了两次，报价和信用各只能有一条。")
    if not {"owner", "scorers"} & set(givers):
        return "criteria_by", _("至少要有一条由人评分的标准，否则请改用按价格选取的方式。")
    total = sum(row["points"] for row in rows)
    if total != 100:
        return "criteria_sum", _("各项分值之和应为 100 分，现在是 %(total)d 分。") % {"total": total}
    return None


def flaws(method: str, data: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each thing that is wrong with a version of a method's rules: keys, types, ranges, sums."""
    checks = {**CHECKS, "criteria": lambda value: (criteria_flaw(method, value) or ("", ""))[1]}
    sentences = []
    for key, value in data.items():
        if key not in DEFAULTS[method]:
            sentences.append(_("“%(key)s”不是这种选取方式的规则项。") % {"key": key})
            continue
        found = [checks[key](one) for one in _by_money(value)]
        sentences += [f"{key}：{sentence}" for sentence in found if sentence]
    merged = {**DEFAULTS[method], **data}
    for low, high in (("pair_warn", "pair_block"), ("short_list", "long_list")):
        if is_whole(merged.get(low)) and is_whole(merged.get(high)) and merged[low] > merged[high]:
            sentences.append(_("“%(low)s”不能大于“%(high)s”。") % {"low": low, "high": high})
    return sentences


def _by_money(value: Any) -> list[Any]:
    """Return the values of a table by kind of money, else the value itself; a table that lacks a kind has a None there."""
    if isinstance(value, dict) and set(value) & set(BY_MONEY):
        return [value.get(kind, "") for kind in BY_MONEY] if set(value) <= set(BY_MONEY) else [""]
    return [value]
