"""What a single setting of the rules may be: type and range, each with the sentence that says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

TIES = ("credit", "amount", "draw")
GROUNDS = ("twice_failed", "continuity", "urgent")
CONFLICTS = ("legal_representative", "shareholder", "agent", "phone", "email", "account", "author")
Check = Callable[[Any], str]


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _whole(low: int, high: int, *, none: bool = False) -> Check:
    def check(value: Any) -> str:
        if (none and value is None) or (is_whole(value) and low <= value <= high):
            return ""
        return _("应为 %(low)d 至 %(high)d 的整数，分资金性质的三种都要写。") % {"low": low, "high": high}

    return check


def _words(known: tuple[str, ...], last: str = "") -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, list) or len(set(map(str, value))) < len(value) or set(map(str, value)) - set(known):
            return _("只能从这些词中选，不重复：%(known)s。") % {"known": "、".join(known)}
        if last and (not value or value[-1] != last):
            return _("最后一项应为 %(last)s，否则可能分不出先后。") % {"last": last}
        return ""

    return check


def _factors(value: Any) -> str:
    good = isinstance(value, list) and value and len(set(map(str, value))) == len(value)
    if good and all(is_whole(one) and 1 <= one <= 100 for one in value):
        return ""
    return _("应为 1 至 100 的整数组成的列表，不重复。")


def _too_few(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"extensions", "working_days"}:
        return _whole(0, 5)(value["extensions"]) or _whole(1, 30)(value["working_days"])
    return _("应写明 extensions 和 working_days。")


def _some(known: tuple[str, ...]) -> Check:
    def check(value: Any) -> str:
        return _words(known)(value) or ("" if value else _("至少选一项。"))

    return check


def _yes_or_no(value: Any) -> str:
    return "" if isinstance(value, bool) else _("应为是或者否，分资金性质的三种都要写。")


def _turns(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"rounds", "turn_seconds", "pause_seconds"}:
        return (
            _whole(1, 10)(value["rounds"])
            or _whole(5, 1800)(value["turn_seconds"])
            or _whole(0, 1800)(value["pause_seconds"])
        )
    return _("应写明 rounds、turn_seconds 和 pause_seconds。")


def _milestones(value: Any) -> str:
    rows = value if isinstance(value, list) else []
    for row in rows:
        titled = isinstance(row, dict) and isinstance(row.get("title"), str) and row["title"].strip()
        if not titled or not is_whole(row.get("percent")) or not 1 <= row["percent"] <= 100:
            return _("每个节点都要有名称和 1 至 100 的百分比。")
    if sum(row["percent"] for row in rows) != 100:
        return _("各节点的百分比之和应为 100。")
    return ""


CHECKS: dict[str, Check] = {
    "minimum_bidders": _whole(1, 50),
    "signup_working_days": _whole(0, 60),
    "urgent_signup_working_days": _whole(0, 60),
    "standstill_working_days": _whole(0, 30),
    "acceptance_working_days": _whole(0, 30),
    "too_few": _too_few,
    "reserves": _whole(0, 10),
    "credit_without_reviews": _whole(0, 10_000),
    "low_offer_percent": _whole(0, 100),
    "conflicts": _words(CONFLICTS),
    "shareholder_percent": _whole(1, 100),
    "amendment_working_days": _whole(0, 30),
    "ties": _words(TIES, last="draw"),
    "step_warning_percent": _whole(1, 100),
    "milestones": _milestones,
    "direct_limit_fen": _whole(1, 10**13, none=True),
    "grounds_above_limit": _words(GROUNDS),
    "pair_warn": _whole(1, 100),
    "pair_block": _whole(1, 100),
    "pair_months": _whole(1, 60),
    "record_working_days": _whole(0, 60),
    "window_seconds": _whole(1, 3600),
    "max_extensions": _whole(0, 1000),
    "hard_end_seconds": _whole(0, 86_400),
    "modes": _some(("open", "rank", "turns")),
    "directions": _some(("down", "up")),
    "sealed_first": _yes_or_no,
    "proxy": _yes_or_no,
    "leader_may_improve": _yes_or_no,
    "confirm_drop_percent": _whole(1, 100),
    "turns": _turns,
    "outage_seconds": _whole(0, 3600),
    "void_by_two": _yes_or_no,
    "factors_percent": _factors,
    "drop_from": _whole(3, 50),
    "long_list": _whole(1, 100),
    "short_list": _whole(1, 100),
    "pick_working_days": _whole(1, 30),
    "judging_working_days": _whole(1, 60),
    "minimum_scorers": _whole(1, 99),
    "drop_scorers_from": _whole(3, 99),
    "owner_scorers_percent": _whole(0, 100),
    "minimum_invited": _whole(1, 50),
}
