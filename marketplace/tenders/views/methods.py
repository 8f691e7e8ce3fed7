"""Choose the way to select: each with when it fits, how many firms it takes, how prices are given, and its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from marketplace.core import clock
from marketplace.parties.access import acts_as
from marketplace.projects.queries import projects_of
from marketplace.tenders.actions import rule_set_for
from marketplace.tenders.models import FIXED_PRICE, NAMED, SEALED, Method
from marketplace.tenders.queries import minimum_in_words, rules_in_words
from marketplace.tenders.rule_data import DEFAULTS

from .own import organization_of, own_draft_or_404

GROUPS = (
    (gettext_lazy("按价格竞争"), (Method.LIVE_AUCTION, Method.BEST_PRICE, Method.AVERAGE, Method.QUOTES)),
    (gettext_lazy("看方案和信用"), (Method.MERIT, Method.SCORED, Method.CREDIT)),
    (gettext_lazy("公开抽取"), (Method.DRAW,)),
    (gettext_lazy("业主指定"), (Method.DIRECT, Method.EMERGENCY)),
)
WHEN = {
    Method.LIVE_AUCTION: gettext_lazy("服务标准清楚、主要比价格时用。机构当场多轮降价，全程公开。"),
    Method.BEST_PRICE: gettext_lazy("想避免恶性低价时用。最接近基准价的中选，基准价系数公开抽取。"),
    Method.AVERAGE: gettext_lazy("价格有行情、求稳妥时用。最接近平均价的中选。"),
    Method.QUOTES: gettext_lazy("金额小、需求简单时用。邀请几家报价，其他机构也可以报价，低价中选。"),
    Method.MERIT: gettext_lazy("方案好坏比价格重要时用。您按公布的标准给方案评分。"),
    Method.SCORED: gettext_lazy("技术复杂、金额较大时用。评审人员只看代号和方案评分，再合计价格和信用。"),
    Method.CREDIT: gettext_lazy("价格已定、看重信誉时用。按信用分加权抽出小名单，您从中选一家。"),
    Method.DRAW: gettext_lazy("价格已定、任何合格机构都能做时用。公开抽取，人人可以验证。"),
    Method.DIRECT: gettext_lazy("限额以下或有法定情形时用。您指定机构并公开理由。"),
    Method.EMERGENCY: gettext_lazy("抢险救灾等来不及公开选取时用。事后补录，单独公示。"),
}


@dataclass(frozen=True)
class Card:
    """Be what one reads of a method before one chooses it."""

    method: Method
    when: Any
    minimum: str
    price: str
    rules: list[str]
    url: str
    is_chosen: bool = False


@acts_as("buyer")
@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """Show the ways to select; `?project=` and `?case=` go along to the terms, `?tender=` changes a draft's way."""
    organization = organization_of(request)
    tender = own_draft_or_404(request, request.GET["tender"]) if request.GET.get("tender") else None
    project = projects_of(organization).filter(code=request.GET.get("project", "")).first()
    kept = {name: request.GET[name] for name in ("project", "case", "template") if request.GET.get(name)}
    base = reverse("tenders:edit", args=[tender.number]) if tender else reverse("tenders:terms")

    def card(one: Method) -> Card:
        found = rule_set_for(method=one, region=organization.region, money_kind="", now=clock.now())
        rules = {**DEFAULTS[one], **found.data}
        return Card(
            method=one,
            when=WHEN[one],
            minimum=_("业主指定一家") if one in NAMED else _("至少 %(count)s 家") % {"count": minimum_in_words(rules)},
            price=_price(one),
            rules=rules_in_words(one, rules),
            url=f"{base}?{urlencode({**kept, 'method': one})}",
            is_chosen=tender is not None and tender.method == one,
        )

    groups = [(heading, [card(one) for one in methods]) for heading, methods in GROUPS]
    return render(request, "tenders/method.html", {"groups": groups, "tender": tender, "project": project})


def _price(method: Method) -> str:
    if method in FIXED_PRICE:
        return _("业主定价")
    return _("密封报价，金额或下浮率") if method in SEALED else _("公开降价")
