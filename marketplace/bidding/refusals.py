"""What is said to a firm whose bid was not taken: a sentence for each code, made in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from marketplace.core.event_words import label_words
from marketplace.core.money import capitals, format_yuan
from marketplace.core.refusals import Forbidden, Invalid, Refused

from .engine import Refusal

ABOUT_AMOUNT = {
    "amount_invalid",
    "above_ceiling",
    "below_floor",
    "below_start",
    "not_low_enough",
    "not_high_enough",
    "own_not_improved",
    "limit_invalid",
}
KINDS: dict[str, type[Refused]] = {
    "not_signed_up": Forbidden,
    "suspended": Forbidden,
    "no_first_offer": Forbidden,
    "key_missing": Invalid,
    **dict.fromkeys(ABOUT_AMOUNT, Invalid),
}


def as_refused(refusal: Refusal) -> Refused:
    """Return a refusal of the engine as people and programs get it."""
    field = "amount" if refusal.code in ABOUT_AMOUNT else "confirm" if refusal.code == "confirm_drop" else None
    return KINDS.get(refusal.code, Refused)(refusal.code, words(refusal.code, refusal.data), field=field)


def _clock(moment: Any, shape: str = "%H:%M:%S") -> str:
    value = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    return localtime(value).strftime(shape)


def words(code: str, data: Mapping[str, Any]) -> str:
    """Return the sentence of a code with its figures: amounts in fen, moments as datetimes or ISO text."""
    told = {name: format_yuan(value) for name, value in data.items() if isinstance(value, int)}
    match code:
        case "auction_not_open":
            return _("竞价将于 %(time)s 开始。") % {"time": _clock(data["opens"], "%m-%d %H:%M:%S")}
        case "auction_closed":
            return _("竞价已于 %(time)s 结束，这次报价没有受理。") % {"time": _clock(data["ended"])}
        case "confirm_drop":
            price, amount = data["price"], data["amount"]
            told |= {"capitals": capitals(amount), "percent": f"{abs(price - amount) * 100 / price:.1f}"}
            if amount > price:
                return (
                    _(
                        "您的报价 %(amount)s 元（%(capitals)s）比目前价格高 %(percent)s%%。确认无误请勾选确认后再报一次。"
                    )
                    % told
                )
            return (
                _("您的报价 %(amount)s 元（%(capitals)s）比目前价格低 %(percent)s%%。确认无误请勾选确认后再报一次。")
                % told
            )
        case "not_your_turn":
            turn = data.get("turn", "")
            if not turn:
                return _("现在是两轮之间的停顿，轮到您时再报价。")
            return _("现在轮到%(label)s报价，轮到您时再报。") % {"label": label_words(turn)}
    return str(_sentences()[code]) % told


def _sentences() -> dict[str, str]:
    return {
        "above_ceiling": _("报价不能高于最高限价 %(ceiling)s 元。"),
        "already_leading": _("目前最优的就是您的报价，无需再报。"),
        "amount_invalid": _("请填写大于零的金额，最小到分。"),
        "auction_paused": _("竞价已暂停，恢复后再报价；暂停多久，结束时间就顺延多久。"),
        "below_floor": _("报价不能低于最低限价 %(floor)s 元。"),
        "below_start": _("报价不能低于起始价 %(ceiling)s 元。"),
        "key_missing": _("这次提交缺少编号，请刷新页面后再报。"),
        "key_reused": _("这次提交已经按另一个金额受理，请刷新页面后再报。"),
        "limit_invalid": _("代理报价的底线应当优于目前价格，最差为 %(legal)s 元。"),
        "no_first_offer": _("贵机构没有提交有效的首轮密封报价，不能参加这场竞价。"),
        "no_lower_bid": _("已经没有更低的有效报价。"),
        "not_high_enough": _("目前最高价 %(best)s 元，您的报价最低为 %(legal)s 元。"),
        "not_low_enough": _("目前最低价 %(best)s 元，您的报价最高为 %(legal)s 元。"),
        "not_signed_up": _("贵机构没有报名这项需求，不能报价。"),
        "own_not_improved": _("您的报价至少要比自己上一次的优一个幅度，即 %(legal)s 元或更优。"),
        "suspended": _("您目前不能代表这家机构报价。"),
    }
