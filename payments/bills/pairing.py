"""What a bill does not name itself: which refund a movement is, which movement of ours an unnamed one is, and fees. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.translation import gettext as _

from marketplace.core.money import format_yuan

from .matching import Class, FeeRule, Found, Key, Ours, Theirs, day_of


def refund_keys(lines: Iterable[Theirs], ours: Mapping[Key, Ours], *, day: date) -> dict[int, Key]:
    """Return the keys of refunds on a fund bill, by the lines' numbers: fund bills need not carry the refund's own number.

    A number that we know stands. Else a line is the refund of its trade with its amount, of the same day first; what is left
    takes what is left of its trade, so that a wrong amount is said as one difference and not as two.
    """
    of_trade: defaultdict[str, list[tuple[Key, Ours]]] = defaultdict(list)
    for key, mine in ours.items():
        if key[1] == "refund":
            of_trade[key[0]].append((key, mine))
    keys: dict[int, Key] = {}
    left = []
    for line in lines:
        key = (line.out_trade_no, "refund", line.request_no)
        if key in ours:
            keys[line.number] = key
        else:
            left.append(line)
    taken = set(keys.values())
    for fits in (_same_amount, _same_day):
        for line in [one for one in left if one.number not in keys]:
            free = [pair for pair in of_trade[line.out_trade_no] if pair[0] not in taken and fits(line, pair[1], day)]
            if free:
                key = min(free, key=lambda pair: (not _is_of(pair[1], day), pair[0]))[0]
                keys[line.number] = key
                taken.add(key)
    return keys


def _same_amount(line: Theirs, mine: Ours, _day: date) -> bool:
    return mine.amount_fen == line.amount_fen


def _same_day(_line: Theirs, mine: Ours, day: date) -> bool:
    return _is_of(mine, day)


def _is_of(mine: Ours, day: date) -> bool:
    return mine.is_done and mine.at is not None and day_of(mine.at) == day


def other_keys(lines: Iterable[Theirs], ours: Mapping[Key, Ours], *, day: date) -> dict[int, Key]:
    """Return the keys of movements without an order (a top-up, a withdrawal): ours of that day with the same amount."""
    free: defaultdict[int, list[Key]] = defaultdict(list)
    for key in sorted(ours):
        if key[1] == "other" and _is_of(ours[key], day):
            free[ours[key].amount_fen].append(key)
    return {line.number: free[line.amount_fen].pop(0) for line in lines if free[line.amount_fen]}


def fee_fen(amount_fen: int, basis_points: int) -> int:
    """Return the provider's fee for an amount in fen: rounded half up to whole fen, as contracts say."""
    return (abs(amount_fen) * basis_points + 5_000) // 10_000


def fee_rule(basis_points: int | None) -> FeeRule | None:
    """Return what checks a trade's fee against the rate of the contract; None leaves it unchecked.

    A refund may give nothing of the fee back, or its share, one fen up or down: which, the contract says, and the fund bill shows.
    """
    if basis_points is None:
        return None

    def wrong(line: Theirs) -> str:
        due = fee_fen(line.amount_fen, basis_points)
        is_right = line.fee_fen == due if line.type == "payment" else not line.fee_fen or abs(line.fee_fen - due) <= 1
        if is_right or line.type not in {"payment", "refund"}:
            return ""
        figures = {"due": format_yuan(due), "found": format_yuan(line.fee_fen)}
        return _("服务费按约定是 %(due)s 元，账单收 %(found)s 元。") % figures

    return wrong


def match_fees(trade: Mapping[str, int], fund: Mapping[str, int]) -> list[Found]:
    """Return where the fees that the trade bill states are not those that the fund bill shows; fen per out_trade_no.

    Both are what left our account. Fees that the fund bill takes together, without an order, are held against the rest.
    """
    pooled = fund.get("", 0)
    rest = 0
    found = []
    for order in sorted((trade.keys() | fund.keys()) - {""}):
        stated, taken = trade.get(order, 0), fund.get(order, 0)
        if pooled and order not in fund:
            rest += stated
        elif stated != taken:
            found.append(_fee(order, stated, taken))
    if rest != pooled:
        found.append(_fee("", rest, pooled))
    return found


def _fee(order: str, stated: int, taken: int) -> Found:
    figures = {"stated": format_yuan(stated), "taken": format_yuan(taken)}
    says = _("业务账单的服务费是 %(stated)s 元，资金账单扣了 %(taken)s 元。") % figures
    return Found((order or "#fees", "fee", ""), Class.FEE, -stated, -taken, says)
