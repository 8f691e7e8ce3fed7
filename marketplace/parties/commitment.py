"""The commitment letter 承诺书 that takes the place of papers at entry, and its hash."""

from __future__ import annotations

import hashlib

from django.utils import translation
from django.utils.translation import gettext as _

VERSION = "2026-1"


def commitment(name: str, code: str, *, buyer: bool = False) -> list[str]:
    """Return the letter's sentences, in the reader's language, for an organization by name and code."""
    who = _("%(name)s（统一社会信用代码 %(code)s）承诺：") % {"name": name, "code": code}
    if not code:
        who = _("%(name)s承诺：") % {"name": name}
    if buyer:
        return [
            who,
            _("一、所填信息真实、准确、有效，发生变化时及时更新。"),
            _("二、发布的采购需求真实，资金已落实，不设置与服务无关的条件，不指定或者排斥任何机构。"),
            _("三、按公示的结果签订合同，按合同约定付款和验收，如实评价。"),
            _("四、以上承诺向社会公开，愿意接受监督，违反承诺的依法承担责任。"),
        ]
    return [
        who,
        _("一、所填信息和所报资质真实、准确、有效，发生变化时及时更新。"),
        _("二、具备所选服务依法要求的能力，独立承担民事责任，没有被依法禁止执业。"),
        _("三、公平竞争，不串通报价，不以低于成本的报价扰乱市场，与有利害关系的业主回避。"),
        _("四、按合同约定的内容、时限和价格提供服务，对成果负责，不出具虚假报告。"),
        _("五、以上承诺向社会公开，愿意接受事后抽查；违反承诺的，接受扣分、暂停承接直至清退。"),
    ]


def commitment_text(name: str, code: str, *, buyer: bool = False) -> str:
    """Return what is hashed and signed: the version, and the letter's sentences in Chinese, a line each."""
    with translation.override("zh-hans"):
        return "\n".join([VERSION, *commitment(name, code, buyer=buyer)])


def commitment_hash(name: str, code: str, *, buyer: bool = False) -> str:
    """Return the SHA-256 of that text: what the organization has committed to."""
    return hashlib.sha256(commitment_text(name, code, buyer=buyer).encode()).hexdigest()
