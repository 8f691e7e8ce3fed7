"""How people read and write the settings of the rules: their names, units, and values in words; what changed between versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.core.money import format_yuan
from marketplace.tenders.models import AuctionDirection, AuctionMode, MoneyKind, Tender
from marketplace.tenders.queries import criteria_in_words
from marketplace.tenders.rule_data import BY_MONEY, DEFAULTS


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the rules: its name, the unit of its number, and a hint for who changes it."""

    label: Any
    unit: Any = ""
    hint: Any = ""


_DAYS, _FIRMS, _TIMES, _PEOPLE = (
    gettext_lazy("个工作日"), gettext_lazy("家"), gettext_lazy("次"), gettext_lazy("人"),
)  # fmt: skip
SETTINGS: dict[str, Setting] = {
    "minimum_bidders": Setting(gettext_lazy("最少机构数"), _FIRMS, gettext_lazy("报名（密封报价的，有效报价）不足时延长或者终止。")),
    "signup_working_days": Setting(gettext_lazy("报名时间"), _DAYS, gettext_lazy("财政和国有资金不得更短，社会资金只作提示。")),
    "urgent_signup_working_days": Setting(gettext_lazy("紧急需求的报名时间"), _DAYS),
    "standstill_working_days": Setting(gettext_lazy("中选公示期"), _DAYS),
    "acceptance_working_days": Setting(gettext_lazy("中选机构确认期限"), _DAYS, gettext_lazy("填 0 表示不需要确认：报价本身就是承诺。")),
    "too_few": Setting(gettext_lazy("机构不足时自动延长报名")),
    "reserves": Setting(gettext_lazy("可以递补的名次数"), gettext_lazy("名"), gettext_lazy("第一名放弃或者被撤销后，最多由其后几名递补。")),
    "credit_without_reviews": Setting(gettext_lazy("没有评价的机构按多少信用分计"), gettext_lazy("分")),
    "low_offer_percent": Setting(
        gettext_lazy("报价低于均价的多少算明显偏低"), "%", gettext_lazy("只作标注，不影响名次；填 0 表示不标注。")
    ),
    "conflicts": Setting(gettext_lazy("利害关系的核对项"), "", gettext_lazy("报名时逐项核对，有一项相同即不能报名。")),
    "shareholder_percent": Setting(gettext_lazy("持股多少算有利害关系"), "%"),
    "amendment_working_days": Setting(gettext_lazy("更正后至少留多少报名时间"), _DAYS),
    "ties": Setting(gettext_lazy("并列时的先后")),
    "step_warning_percent": Setting(gettext_lazy("降价幅度超过限价的多少时提醒"), "%"),
    "milestones": Setting(gettext_lazy("合同付款节点"), "", gettext_lazy("每行一个：名称，空格，百分比。合计 100。")),
    "direct_limit_fen": Setting(gettext_lazy("直接选取限额"), gettext_lazy("元"), gettext_lazy("不填表示不限。")),
    "grounds_above_limit": Setting(gettext_lazy("超过限额仍可直接选取的情形")),
    "pair_warn": Setting(gettext_lazy("同一机构第几次直接选取时提示"), _TIMES),
    "pair_block": Setting(gettext_lazy("同一机构第几次直接选取不予发布"), _TIMES),
    "pair_months": Setting(gettext_lazy("统计同一机构次数的月数"), gettext_lazy("个月")),
    "record_working_days": Setting(gettext_lazy("应急选取补录期限"), _DAYS),
    "window_seconds": Setting(gettext_lazy("结束前多少秒内的报价会延长竞价"), gettext_lazy("秒")),
    "max_extensions": Setting(gettext_lazy("竞价最多延长"), _TIMES),
    "hard_end_seconds": Setting(gettext_lazy("竞价最晚在计划结束后"), gettext_lazy("秒")),
    "modes": Setting(gettext_lazy("业主可以选的竞价模式")),
    "directions": Setting(
        gettext_lazy("业主可以选的竞价方向"), "", gettext_lazy("只有一种时不再询问业主。出让权益的竞价价高者得，由机构向业主付款。")
    ),
    "sealed_first": Setting(
        gettext_lazy("先提交密封报价"), "", gettext_lazy("竞价开始时一起开启，作为第一轮报价；没有提交的机构不能接着报价。")
    ),
    "proxy": Setting(gettext_lazy("允许代理报价"), "", gettext_lazy("只用于公开竞价：机构留下底线，系统每次只替它报必要的一步。")),
    "leader_may_improve": Setting(gettext_lazy("领先的机构可以再报")),
    "confirm_drop_percent": Setting(
        gettext_lazy("报价与目前价格相差多少时请机构确认"), "%", gettext_lazy("防止多打、少打一个零。")
    ),
    "turns": Setting(gettext_lazy("轮流报价")),
    "outage_seconds": Setting(
        gettext_lazy("平台服务中断多久时顺延竞价"), gettext_lazy("秒"), gettext_lazy("中断多久，竞价就顺延多久；填 0 表示不顺延。")
    ),
    "void_by_two": Setting(gettext_lazy("作废报价须由第二名管理人员确认")),
    "factors_percent": Setting(gettext_lazy("抽取的系数"), "%", gettext_lazy("整数，用顿号或者逗号隔开。")),
    "drop_from": Setting(gettext_lazy("报价达到多少家时去掉最高和最低"), _FIRMS),
    "long_list": Setting(gettext_lazy("大名单"), _FIRMS),
    "short_list": Setting(gettext_lazy("小名单"), _FIRMS),
    "pick_working_days": Setting(gettext_lazy("业主择优期限"), _DAYS),
    "criteria": Setting(
        gettext_lazy("评审标准"),
        "",
        gettext_lazy("每行一条：名称，空格，分值，空格，由谁评分（报价、信用、业主、评审）。合计 100。业主发布需求时可以改。"),
    ),
    "judging_working_days": Setting(gettext_lazy("评审期限"), _DAYS),
    "minimum_scorers": Setting(gettext_lazy("评审人员最少"), _PEOPLE),
    "drop_scorers_from": Setting(gettext_lazy("评审人员达到多少时去掉最高分和最低分"), _PEOPLE),
    "owner_scorers_percent": Setting(gettext_lazy("业主人员最多占评审人员的"), "%"),
    "minimum_invited": Setting(gettext_lazy("业主至少邀请"), _FIRMS),
}  # fmt: skip
CONFLICTS = {
    "legal_representative": gettext_lazy("法定代表人相同"),
    "shareholder": gettext_lazy("相互控股，或者有共同的大股东"),
    "agent": gettext_lazy("经办人相同"),
    "phone": gettext_lazy("联系电话相同"),
    "email": gettext_lazy("电子邮箱相同"),
    "account": gettext_lazy("收款账号相同"),
    "author": gettext_lazy("承担过同一项目的编制，不得再评审它"),
}
TIES = {
    "credit": gettext_lazy("信用分高者在前"),
    "amount": gettext_lazy("报价低者在前"),
    "draw": gettext_lazy("公开抽取"),
}
TURNS = {
    "rounds": (gettext_lazy("轮数"), gettext_lazy("轮")),
    "turn_seconds": (gettext_lazy("每家每轮的时间"), gettext_lazy("秒")),
    "pause_seconds": (gettext_lazy("每轮之前的停顿"), gettext_lazy("秒")),
}
YES_OR_NO = frozenset({"sealed_first", "proxy", "leader_may_improve", "void_by_two"})
CHOICES: dict[str, Any] = {"modes": AuctionMode, "directions": AuctionDirection}
GIVERS = {"price": "报价", "credit": "信用", "owner": "业主", "scorers": "评审"}


def value_in_words(key: str, value: Any) -> str:
    """Return a setting's value as people read it, with its unit."""
    if isinstance(value, dict) and set(value) <= set(BY_MONEY):
        given = [f"{MoneyKind(kind).label} {value_in_words(key, value[kind])}" for kind in BY_MONEY if kind in value]
        return "；".join(given)
    if value is None:
        return _("不限")
    if key in YES_OR_NO:
        return _("是") if value else _("否")
    if key in CHOICES:
        return "、".join(str(CHOICES[key](one).label) for one in value)
    if key in _SAID:
        return _SAID[key](value)
    unit = str(SETTINGS[key].unit)
    return f"{value}{unit}" if unit == "%" else f"{value} {unit}".strip()


def _grounds(value: Any) -> str:
    return "、".join(str(Tender.Ground(one).label) for one in value) or _("无")


_SAID: dict[str, Any] = {
    "direct_limit_fen": lambda value: _("%(yuan)s 元") % {"yuan": format_yuan(value)},
    "credit_without_reviews": lambda value: _("%(points)s 分") % {"points": f"{value / 100:g}"},
    "too_few": lambda value: (
        _("%(times)s 次，每次 %(days)s 个工作日") % {"times": value["extensions"], "days": value["working_days"]}
    ),
    "turns": lambda value: "，".join(f"{label} {value[part]} {unit}" for part, (label, unit) in TURNS.items()),
    "conflicts": lambda value: "、".join(str(CONFLICTS[one]) for one in value) or _("不核对"),
    "ties": lambda value: " → ".join(str(TIES[one]) for one in value),
    "grounds_above_limit": _grounds,
    "factors_percent": lambda value: "、".join(f"{one}%" for one in value),
    "milestones": lambda value: "、".join(f"{one['title']} {one['percent']}%" for one in value),
    "criteria": lambda value: "、".join(f"{name} {points}（{by}）" for name, points, by in criteria_in_words(value)),
}


def differences(method: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what differs between two versions of a method's rules: (setting, old value, new value) in words."""
    first, second = {**DEFAULTS[method], **old}, {**DEFAULTS[method], **new}
    return [
        (str(SETTINGS[key].label), value_in_words(key, first[key]), value_in_words(key, second[key]))
        for key in DEFAULTS[method]
        if first[key] != second[key]
    ]
