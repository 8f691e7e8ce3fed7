"""The rules of live bidding as sentences: of one need, in its mode and direction, or of a version with all that it offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from marketplace.tenders.models import AuctionDirection, AuctionMode, MoneyKind
from marketplace.tenders.rule_data import BY_MONEY


def auction_in_words(rules: Mapping[str, Any], *, mode: str = "", direction: str = "") -> list[str]:
    """Return the sentences; without `mode` and `direction` those of a version of the rules: of every mode that it offers.

    Rules from before a setting lack its key; the sentence then says what the engine does without it.
    """
    modes = [mode] if mode else list(rules.get("modes", [AuctionMode.OPEN]))
    directions = [direction] if direction else list(rules.get("directions", [AuctionDirection.DOWN]))
    up = directions == [AuctionDirection.UP]
    sentences = [] if mode else [_offers(modes)]
    if rules.get("sealed_first", False):
        sentences += [_first_offers(), _sealed()]
    for one in modes:
        sentences += _bids(one, rules, up=up)
    if len(directions) > 1:
        sentences.append(_("出让权益的竞价方向相反：从起始价起每次加价，报价最高的机构为拟中选机构。"))
    if set(modes) - {AuctionMode.TURNS}:
        sentences += _clock(rules, up=up)
    sentences.append(
        _("报价与目前价格相差超过 %(percent)d%% 的，系统请机构再确认一次，避免误报。")
        % {"percent": rules.get("confirm_drop_percent", 10)}
    )
    sentences += _interruptions(rules)
    return [*sentences, _names(), _highest() if up else _("竞价结束时最低报价的机构为拟中选机构。")]


def _offers(modes: list[str]) -> str:
    return _("业主在发布时选定竞价模式：%(modes)s。") % {
        "modes": "、".join(str(AuctionMode(one).label) for one in modes)
    }


def _first_offers() -> str:
    return _("机构先提交密封报价，竞价开始时一起开启，作为第一轮报价；没有提交有效密封报价的，不能接着报价。")


def _sealed() -> str:
    return _("报价在提交时加密，开启之前任何人都看不到，包括业主和平台；开启前可以替换或撤回。")


def _bids(mode: str, rules: Mapping[str, Any], *, up: bool) -> list[str]:
    """Say what a bid must be in a mode."""
    if mode == AuctionMode.RANK:
        return [
            _("只见名次：竞价中各家只看到自己的名次、报价次数和剩余时间，看不到金额；结束时全部报价公开。"),
            _("第一次报价不低于起始价；以后每次至少比自己上一次高一个最小加价幅度。报价相同的，先报的在前。")
            if up
            else _("第一次报价不高于最高限价；以后每次至少比自己上一次低一个最小降价幅度。报价相同的，先报的在前。"),
            *_leader(rules),
        ]
    if mode == AuctionMode.TURNS:
        turns = rules.get("turns", {"rounds": 3, "turn_seconds": 120, "pause_seconds": 120})
        return [
            _("轮流报价：共 %(rounds)d 轮，每轮先停顿 %(pause_seconds)d 秒，然后每家有 %(turn_seconds)d 秒可以报价。")
            % turns,
            _("每轮由报价最差的先报，还没有报价的最先；报价相同的，后报的先报。报价立即公开。"),
            _("轮到时可以报几次，也可以不报；第一次报价不低于起始价，以后每次至少比自己上一次高一个最小加价幅度。")
            if up
            else _(
                "轮到时可以报几次，也可以不报；第一次报价不高于最高限价，以后每次至少比自己上一次低一个最小降价幅度。"
            ),
            _("轮流报价不延时，最后一轮结束时竞价结束。"),
        ]
    sentences = [
        _("第一次报价不低于起始价；以后每次报价至少比当前最高价高一个最小加价幅度。")
        if up
        else _("第一次报价不高于最高限价；以后每次报价至少比当前最低价低一个最小降价幅度。"),
        *_leader(rules),
    ]
    if rules.get("proxy", False):
        sentences.append(
            _("机构可以留下代理报价的底线，系统只替它报超过别家所需的一步；底线只有本机构知道，相同的先留下者优先。")
        )
    return sentences


def _leader(rules: Mapping[str, Any]) -> list[str]:
    if rules.get("leader_may_improve", False):
        return [_("目前报价最优的机构也可以再报。")]
    return [_("目前报价最优的机构，被别家超过之后才能再报。")]


def _clock(rules: Mapping[str, Any], *, up: bool) -> list[str]:
    given = {"seconds": rules["window_seconds"], "times": rules["max_extensions"]}
    return [
        _("结束前 %(seconds)d 秒内有新的最高价，竞价延长到该报价之后 %(seconds)d 秒，最多延长 %(times)d 次。") % given
        if up
        else _("结束前 %(seconds)d 秒内有新的最低价，竞价延长到该报价之后 %(seconds)d 秒，最多延长 %(times)d 次。")
        % given,
        _("因报价延长的，竞价最晚在计划结束时间之后 %(minutes)d 分钟结束。")
        % {"minutes": rules["hard_end_seconds"] // 60},
    ]


def _interruptions(rules: Mapping[str, Any]) -> list[str]:
    sentences = [_("平台管理机构可以因故暂停竞价并公开理由，暂停多久，结束时间就顺延多久。")]
    if seconds := rules.get("outage_seconds", 30):
        words = _("平台自身服务中断超过 %(seconds)d 秒的，中断多久，竞价就顺延多久。")
        sentences.append(words % {"seconds": seconds})
    sentences.append(_("明显误报或者作弊的报价，由平台管理人员写明理由作废，记录公开，不删除；其余报价继续有效。"))
    by_two = rules.get("void_by_two", True)
    if isinstance(by_two, dict):
        kinds = "、".join(str(MoneyKind(kind).label) for kind in BY_MONEY if by_two.get(kind))
        return [*sentences, _("%(kinds)s的采购，作废须两名管理人员同意。") % {"kinds": kinds}] if kinds else sentences
    return [*sentences, _("作废须两名管理人员同意。")] if by_two else sentences


def _names() -> str:
    return _("竞价中机构以代号出现，业主也看不到名称；报价提交后不能撤回。")


def _highest() -> str:
    return _("竞价结束时最高报价的机构为拟中选机构。")
