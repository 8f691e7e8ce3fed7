"""Say who holds how much of an organization; sign-ups are checked against it, and shares from 5 % are public."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid

from ..models import Organization, Shareholding
from ..queries import PUBLIC_PERCENT
from ..rules import may_set_shareholdings
from ..uscc import check_uscc, normalise

MOST_ROWS = 50


@transaction.atomic
def set_shareholdings(
    *, organization: Organization, rows: Iterable[Mapping[str, Any]], by: Any, now: datetime
) -> list[Shareholding]:
    """Write the whole list of shareholders anew: rows of `holder`, `holder_code` (a 统一社会信用代码 or "") and `percent`.

    Percents have two decimals. The event lists the public shares only. What stays the same makes no event.

    Refuses: not_yours (403), no_shares, too_many_holders, holder_missing, holder_long, holder_itself, holder_twice,
    percent_invalid, percent_sum, and what check_uscc refuses; `field` names the row's part that is wrong.
    """
    organization = lock(organization)
    if not may_set_shareholdings(by, organization):
        raise Forbidden("not_yours", _("只有“%(name)s”的管理员可以登记股东。") % {"name": organization.name})
    if organization.kind == Organization.Kind.PERSON:
        raise Invalid("no_shares", _("自然人没有股东，不用登记。"))
    wanted = _checked(organization, rows)
    known = {(row.holder, row.holder_code, row.percent) for row in organization.shareholdings.all()}
    if known != {(row.holder, row.holder_code, row.percent) for row in wanted}:
        organization.shareholdings.all().delete()
        Shareholding.objects.bulk_create(wanted)
        shares = [
            {"holder": row.holder, "code": row.holder_code, "percent": str(row.percent)}
            for row in wanted
            if row.percent >= PUBLIC_PERCENT
        ]
        record(
            organization.process,
            "shareholdings_changed",
            by=by,
            organization=organization,
            now=now,
            subject=organization,
            data={"holders": len(wanted), "shares": shares},
        )
    return wanted


def _checked(organization: Organization, rows: Iterable[Mapping[str, Any]]) -> list[Shareholding]:
    checked = [_row(organization, row) for row in rows]
    if len(checked) > MOST_ROWS:
        raise Invalid("too_many_holders", _("最多登记 %(most)d 名股东，请登记持股最多的。") % {"most": MOST_ROWS})
    seen: set[tuple[str, str]] = set()
    for row in checked:
        key = ("code", row.holder_code) if row.holder_code else ("name", row.holder)
        if key in seen:
            raise Invalid("holder_twice", _("“%(holder)s”已经登记过。") % {"holder": row.holder}, field="holder")
        seen.add(key)
    total = sum((row.percent for row in checked), Decimal(0))
    if total > 100:
        message = _("全部股东的持股比例合计为 %(total)s%%，不能超过 100%%。") % {"total": total.normalize()}
        raise Invalid("percent_sum", message, field="percent")
    return checked


def _row(organization: Organization, row: Mapping[str, Any]) -> Shareholding:
    holder = " ".join(str(row.get("holder") or "").split())
    if not holder:
        raise Invalid("holder_missing", _("请填写股东的名称或者姓名。"), field="holder")
    if len(holder) > 120:
        raise Invalid("holder_long", _("股东名称最多 120 个字。"), field="holder")
    code = normalise(str(row.get("holder_code") or ""))
    code = check_uscc(code, field="holder_code") if code else ""
    if (code and code == organization.uscc) or holder == organization.name:
        raise Invalid("holder_itself", _("股东不能是本单位自己。"), field="holder_code" if code else "holder")
    percent = _percent(row.get("percent"))
    if percent is None:
        raise Invalid("percent_invalid", _("持股比例应大于 0、不超过 100，最多两位小数。"), field="percent")
    return Shareholding(organization=organization, holder=holder, holder_code=code, percent=percent)


def _percent(given: Any) -> Decimal | None:
    try:
        percent = Decimal(str(given))
    except InvalidOperation:
        return None
    if not percent.is_finite() or not 0 < percent <= 100 or percent != round(percent, 2):
        return None
    return round(percent, 2)
