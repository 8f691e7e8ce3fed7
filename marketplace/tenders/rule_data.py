"""The first version of the rules of every method: the figures of the domain's table, each of them a setting.

Keys that hold for every method:

- `minimum_bidders`: fewer sign-ups (or, for sealed offers, fewer offers) end the round;
- `signup_working_days`, `urgent_signup_working_days`: what owners are advised to leave for signing up;
- `standstill_working_days`: public notice of the proposed award;
- `acceptance_working_days`: how long a chosen firm has to accept after the standstill; 0 where its offer binds it already;
- `too_few`: how often, and by how many working days, the sign-up is extended by itself when too few firms came;
- `reserves`: how many firms after the first may follow when it declines, lapses or is disqualified;
- `credit_without_reviews`: the credit, in hundredths of a point, of a firm that nobody has reviewed yet;
- `conflicts`: what ties firms together or to the owner so that they may not sign up (bidding/conflicts.py);
- `amendment_working_days`: what must be left for signing up after an amendment;
- `ties`: what decides between equal firms, in this order: "credit" (higher first), "amount" (lower first), "draw";
- `step_warning_percent`, `milestones`: advice on the step; the steps of the contract in percent of its amount.

A value that differs by kind of money is a table {"fiscal": …, "state": …, "social": …}. Money is fen, ratios are integers of
the named unit. Source of the figures: the domain's rules table; where it is silent docs/decisions/0011 says why.
"""

from __future__ import annotations

from typing import Any

from .models.choices import Method

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
    "conflicts": ["legal_representative", "shareholder", "agent", "phone", "email", "account", "author"],
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
