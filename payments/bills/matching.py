"""Match a bill's lines with what we hold, pure: every line and every object ends in exactly one class, nothing is dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext as _

from marketplace.core.money import format_yuan

from .cells import CHINA

Key = tuple[str, str, str]  # (out_trade_no, type, the refund's own number)
NEAR_MIDNIGHT = timedelta(hours=1)
DAY = timedelta(days=1)


class Class(StrEnum):
    """Name what a line or an object came to, gravest first: where several fit, the first is said."""

    DUPLICATE = "duplicate"
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    STATE = "state"
    AMOUNT = "amount"
    FEE = "fee"
    CUT_OFF = "cut_off"
    OK = "ok"


class Theirs(NamedTuple):
    """Be a line of a bill. `amount_fen` is what our account gained; `fee_fen` a magnitude."""

    number: int
    serial: str
    trade_no: str
    out_trade_no: str
    type: str
    request_no: str
    amount_fen: int
    fee_fen: int


class Ours(NamedTuple):
    """Be what we hold of a payment, refund, transfer or movement; `at` is when it was done, none while it is not."""

    object_id: str
    amount_fen: int
    at: datetime | None
    is_done: bool = True
    status: str = ""
    trade_no: str = ""


class Found(NamedTuple):
    """Be a difference. `settled` says why nobody needs to look at it, "" where somebody does."""

    key: Key
    cls: Class
    our_fen: int | None
    their_fen: int | None
    says: str
    object_id: str = ""
    line_number: int | None = None
    settled: str = ""


@dataclass
class Result:
    """Hold what a book of a day came to. Totals are fen per type of line, of lines and objects of the day."""

    found: list[Found] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    ours: Counter[str] = field(default_factory=Counter)
    theirs: Counter[str] = field(default_factory=Counter)


FeeRule = Callable[[Theirs], str]


def key_of(line: Theirs) -> Key:
    """Return what a line is known by: its order and the refund's number, or its serial where it has no order."""
    if line.type == "other" or not line.out_trade_no:
        return (f"#{line.serial or line.trade_no or line.number}", line.type, "")
    return (line.out_trade_no, line.type, line.request_no if line.type == "refund" else "")


def day_of(moment: datetime) -> date:
    """Return China's day of a moment: bills are cut at China's midnight."""
    return moment.astimezone(CHINA).date()


def match(
    lines: Iterable[Theirs],
    ours: Mapping[Key, Ours],
    *,
    day: date,
    keys: Mapping[int, Key] | None = None,
    fee: FeeRule | None = None,
    elsewhere: Callable[[Mapping[Key, Ours]], Mapping[Key, date]] = lambda _missing: {},
    covered: AbstractSet[date] = frozenset(),
) -> Result:
    """Return what the lines of a day's bill and our objects come to.

    `ours` may hold objects of other days and objects not done: a line finds its object whenever that was. `keys` gives
    lines, by their number, another key than their own. `fee` says what is wrong with a line's fee, "" when nothing is.
    `elsewhere` finds what is missing on the bills of the days before and after, `covered` are those of the two that have a bill.
    """
    result = Result()
    seen: dict[Key, list[Theirs] | Theirs] = {}
    found: dict[Key, Found] = {}
    for line in lines:
        key = (keys or {}).get(line.number) or key_of(line)
        result.theirs[line.type] += line.amount_fen
        earlier = seen.get(key)
        if earlier is not None:
            several = [*earlier, line] if isinstance(earlier, list) else [earlier, line]
            seen[key] = several
            result.counts[Class.DUPLICATE] += 1
            found[key] = _duplicate(key, several, ours.get(key))
            continue
        seen[key] = line
        one = _compare(key, line, ours.get(key), day, fee)
        result.counts[one.cls if one else Class.OK] += 1
        if one:
            found[key] = one
    missing = {}
    for key, mine in ours.items():
        if mine.is_done and mine.at is not None and day_of(mine.at) == day:
            result.ours[key[1]] += mine.amount_fen
            if key not in seen:
                missing[key] = mine
    places = elsewhere(missing) if missing else {}
    for key, mine in missing.items():
        one = _missing_there(key, mine, day, places.get(key), covered)
        result.counts[one.cls] += 1
        found[key] = one
    result.found = list(found.values())
    return result


def _compare(key: Key, line: Theirs, mine: Ours | None, day: date, fee: FeeRule | None) -> Found | None:
    if mine is None:
        says = _("账单有这一笔，本地没有任何对应的记录。")
        return Found(key, Class.MISSING_HERE, None, line.amount_fen, says, line_number=line.number)

    def differs(cls: Class, says: str, settled: str = "") -> Found:
        return Found(key, cls, mine.amount_fen, line.amount_fen, says, mine.object_id, line.number, settled)

    if not mine.is_done or mine.at is None:
        return differs(Class.STATE, _("支付宝已完成，本地状态是“%(status)s”。") % {"status": mine.status})
    if mine.amount_fen != line.amount_fen:
        figures = {"ours": format_yuan(mine.amount_fen), "theirs": format_yuan(line.amount_fen)}
        return differs(Class.AMOUNT, _("本地 %(ours)s 元，支付宝 %(theirs)s 元。") % figures)
    if mine.trade_no and line.trade_no and mine.trade_no != line.trade_no:
        figures = {"ours": mine.trade_no, "theirs": line.trade_no}
        return differs(Class.STATE, _("支付宝交易号不同：本地 %(ours)s，账单 %(theirs)s。") % figures)
    if wrong := fee(line) if fee else "":
        return differs(Class.FEE, wrong)
    our_day = day_of(mine.at)
    if our_day != day:
        says = _("本地记在 %(day)s。") % {"day": our_day.isoformat()}
        near = abs(our_day - day) <= DAY
        return differs(Class.CUT_OFF, says, _("相邻两日，金额相同。") if near else "")
    return None


def _duplicate(key: Key, lines: list[Theirs], mine: Ours | None) -> Found:
    numbers = "、".join(str(line.number) for line in lines)
    return Found(
        key,
        Class.DUPLICATE,
        mine.amount_fen if mine else None,
        sum(line.amount_fen for line in lines),
        _("账单里有 %(count)s 行：第 %(numbers)s 行。") % {"count": len(lines), "numbers": numbers[:200]},
        mine.object_id if mine else "",
        lines[0].number,
    )


def _missing_there(key: Key, mine: Ours, day: date, place: date | None, covered: AbstractSet[date]) -> Found:
    assert mine.at is not None
    if place is not None:
        settled = _("在 %(day)s 的账单里。") % {"day": place.isoformat()}
        return Found(key, Class.CUT_OFF, mine.amount_fen, None, settled, mine.object_id, settled=settled)
    moment = mine.at.astimezone(CHINA)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    before, after = moment - midnight <= NEAR_MIDNIGHT, midnight + DAY - moment <= NEAR_MIDNIGHT
    waits = {day - DAY} if before else {day + DAY} if after else set()
    if waits - covered:
        says = _("临近零点，等 %(day)s 的账单。") % {"day": waits.pop().isoformat()}
        return Found(key, Class.CUT_OFF, mine.amount_fen, None, says, mine.object_id)
    return Found(key, Class.MISSING_THERE, mine.amount_fen, None, _("本地已完成，账单没有这一笔。"), mine.object_id)
