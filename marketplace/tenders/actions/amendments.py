"""Change what was published: an announced amendment with its difference, never a silent edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Process
from marketplace.core.moments import until
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.tenders.models import FIXED_PRICE, Method, Tender
from marketplace.tenders.queries.schedule import earliest_end
from marketplace.tenders.queries.terms import label_of, words_of
from marketplace.tenders.rules import runs_for_owner, services_of
from marketplace.tenders.states import TenderStatus

from .documents import attach
from .publishing import reason_given
from .terms import check_terms

# Owner, services, method, money and how prices are given stay: who signed up did so for these.
AMENDABLE = (
    "title",
    "description",
    "place",
    "delivery_days",
    "requirement",
    "minimum_credit",
    "ceiling_fen",
    "floor_fen",
    "step_fen",
    "signup_ends_at",
    "selection_at",
    "auction_ends_at",
    "local_code",
    "contact_name",
    "contact_phone",
    "complaint_phone",
)


def amendable(method: str) -> tuple[str, ...]:
    """Return the terms that an amendment may change in a need selected by `method`."""
    unused = set() if method == Method.LIVE_AUCTION else {"step_fen", "auction_ends_at"}
    if method in FIXED_PRICE:
        unused.add("floor_fen")
    return tuple(name for name in AMENDABLE if name not in unused)


@transaction.atomic
def amend_tender(
    *,
    tender: Tender,
    values: Mapping[str, Any],
    reason: str,
    files: Iterable[UploadedFile[bytes]] = (),
    by: User,
    now: datetime | None = None,
) -> Tender:
    """Change terms of an open need, or add files to it, before sign-ups end; the public reads what was and what is.

    `values` are terms that amendable() names. Times only move later, for firms plan by them and secrets are kept until then. Refuses
    with `not_allowed`, `amendments_closed`, `not_amendable`, `reason_missing`, `nothing_changed`, `times_earlier`,
    `too_late_to_amend` (fewer than the rules' `amendment_working_days` would be left for signing up), and what
    terms.check_terms and check_upload refuse.
    """
    now = now or clock.now()
    tender = lock(tender)
    if not runs_for_owner(by, tender):
        raise Forbidden("not_allowed", _("只有项目业主的经办人可以变更公告。"))
    if tender.status != TenderStatus.OPEN or now >= tender.signup_ends_at:
        raise Refused("amendments_closed", _("报名已经截止，公告不能再变更。"))
    reason = reason_given(reason, _("请写明变更的原因，它会向公众公开。"))
    changes = check_amendment(tender=tender, values=values, now=now)
    tender.save()
    for file in files:
        document = attach(tender=tender, file=file, now=now)
        changes.append({"field": "documents", "label": _("附件"), "old": "", "new": document.name})
    if not changes:
        raise Refused("nothing_changed", _("内容与现在的公告相同，没有需要变更的地方。"))
    Process.objects.filter(pk=tender.process_id).update(title=tender.title)
    tender.process.title = tender.title
    record(
        tender.process,
        "tender_amended",
        by=by,
        organization=tender.buyer,
        now=now,
        subject=tender,
        data={"reason": reason, "changes": changes},
    )
    return tender


def check_amendment(*, tender: Tender, values: Mapping[str, Any], now: datetime) -> list[dict[str, str]]:
    """Set the values on `tender` without saving it, and return the difference in words of the site's language.

    Refuses what amend_tender refuses of the values; an owner reads the difference here before it confirms.
    """
    allowed = amendable(tender.method)
    if fixed := next((name for name in values if name not in allowed), None):
        raise Invalid("not_amendable", _("这一项发布后不能变更，请取消后重新采购。"), field=fixed)
    names = [name for name in allowed if name in values and getattr(tender, name) != values[name]]
    with translation.override(settings.LANGUAGE_CODE):
        old = {name: words_of(tender, name) for name in names}
        times = {name: getattr(tender, name) for name in ("signup_ends_at", "selection_at")}
        for name in names:
            setattr(tender, name, values[name])
        changes = [
            {
                "field": name,
                "label": label_of(name, tender.method, up=tender.is_upward),
                "old": old[name],
                "new": words_of(tender, name),
            }
            for name in names
        ]
    _check_times(tender, times, now)
    check_terms(tender=tender, services=services_of(tender), rules=tender.rules)
    return changes


def _check_times(tender: Tender, before: Mapping[str, Any], now: datetime) -> None:
    for name in ("signup_ends_at", "selection_at"):
        if getattr(tender, name) < before[name]:
            raise Invalid("times_earlier", _("时间只能推迟，不能提前。"), field=name)
    days = int(tender.rules["amendment_working_days"])
    earliest = earliest_end(now, days, tender.rules)
    if tender.signup_ends_at < earliest:
        words = _("变更后至少要留 %(days)d 个工作日报名，请把报名截止推迟到 %(until)s 或以后。")
        given = {"days": days, "until": until(earliest)}
        raise Invalid("too_late_to_amend", words % given, field="signup_ends_at")
