"""Say to people what did not come out again when a choice was computed anew."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _


def faults_in_words(faults: Iterable[str]) -> list[str]:
    """Put the lines of queries.replay into words of the reader's language, each once, in their order."""
    return list(dict.fromkeys(_sentence(fault) for fault in faults))


def _sentence(fault: str) -> str:
    words = {
        "commitment_differs": _("公布的密值算不出公告时的承诺值。"),
        "pool_hash_differs": _("公布的名单算不出冻结时的名单指纹。"),
        "seed_differs": _("种子不是由密值、名单指纹和公共随机源算出的。"),
        "order_differs": _("抽签顺序不是由种子算出的。"),
        "malformed": _("抽签证明的内容不完整。"),
        "never revealed": _("密值没有公布。"),
        "commitment is not the one": _("承诺值与公告时公布的不同。"),
        "pool_hash is not the one": _("名单指纹与冻结时公布的不同。"),
        "inputs are not": _("用于计算的报价、信用分或评分与原始记录不同。"),
        "ranking does not come out": _("重新计算的名次与公布的不同。"),
        "went to": _("公示的机构不是该名次的机构。"),
    }
    return next((text for mark, text in words.items() if mark in fault), _("有一处数据无法重新计算。"))
