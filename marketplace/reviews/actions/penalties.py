"""Penalties: impose one, and withdraw it on appeal or by repair."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.awards.models import Award
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.moments import until as until_words
from marketplace.core.refusals import Forbidden, Invalid
from marketplace.parties.actions import notify_organization, prolong_suspension, suspend_organization
from marketplace.parties.models import Organization
from marketplace.parties.states import OrganizationStatus

from ..models import Penalty
from ..penalty_codes import GIVE_UP, PENALTY_CODES, SUSPEND_AT, SUSPEND_MONTHS, PenaltyCode
from ..queries import give_ups
from ..scoring import add_months, counts_until
from ..states import PENALTY, PenaltyStatus
from .credit import recompute_credit

MIN_FACTS, MAX_FACTS, MAX_REASON = 10, 500, 200


@transaction.atomic
def impose_penalty(
    *,
    organization: Organization,
    code: str,
    text: str,
    by: User | None,
    points: int | None = None,
    award: Award | None = None,
    now: datetime | None = None,
) -> Penalty:
    """Put a behavior of penalty_codes.py on a party's public record, with the facts; a firm loses points for 12 months.

    `points` default to the least of the code. The system itself (`by` None) imposes only what follows from an award, once
    for each award and code: asked again it returns the penalty. The second give-up within 12 months suspends the firm for
    three months (domain facts 1.9). Refuses: not_administrator (403), code_unknown, wrong_role, points_range, facts_length.
    """
    now = now or clock.now()
    if not (by is not None and by.has_perm("reviews.impose_penalty")) and not (by is None and award is not None):
        raise Forbidden("not_administrator", _("只有平台管理机构可以记录不良行为。"))
    organization = lock(organization)
    behavior = _checked_code(code, organization)
    earlier = Penalty.objects.filter(award=award, code=code).first() if award is not None else None
    if earlier is not None:
        return earlier
    points = behavior.least if points is None else points
    if not behavior.least <= points <= behavior.most:
        values = {"least": behavior.least, "most": behavior.most}
        raise Invalid("points_range", _("这种行为扣 %(least)s 至 %(most)s 分。") % values, field="points")
    text = text.strip()
    if not MIN_FACTS <= len(text) <= MAX_FACTS:
        message = _("请用 %(least)s 到 %(most)s 个字写明事实和依据，它会公开。")
        raise Invalid("facts_length", message % {"least": MIN_FACTS, "most": MAX_FACTS}, field="text")
    penalty = Penalty.objects.create(
        organization=organization,
        code=code,
        points=points,
        text=text,
        award=award,
        by=by,
        at=now,
        counts_until=counts_until(now),
    )
    data = {"penalty": penalty.pk, "code": code, "label": _label(code), "points": points, "text": text}
    if organization.is_intermediary:
        data["score_hundredths"] = recompute_credit(organization=organization, now=now).score
    _tell_imposed(penalty, now)
    record(
        organization.process,
        "penalty_imposed",
        now=now,
        by=by,
        organization=organization,
        subject=penalty,
        data={**data, "counts_until_at": penalty.counts_until.isoformat()},
    )
    if code == GIVE_UP:
        _suspend_repeated(organization, now)
    return penalty


@transaction.atomic
def withdraw_penalty(
    *, penalty: Penalty, reason: str, is_repaired: bool, by: User, now: datetime | None = None
) -> Penalty:
    """Take a penalty off the score: it was wrong (appeal), or the firm has made good what it did (`is_repaired`).

    It stays public with the reason. A suspension that followed from it is another matter: an administrator ends it.
    Refuses: not_administrator (403), reason_needed, state_conflict.
    """
    now = now or clock.now()
    if not by.has_perm("reviews.withdraw_penalty"):
        raise Forbidden("not_administrator", _("只有平台管理机构可以撤销不良行为记录。"))
    organization = lock(penalty.organization)
    penalty = lock(penalty)
    PENALTY.check(penalty.status, PenaltyStatus.WITHDRAWN)
    reason = reason.strip()[:MAX_REASON]
    if not reason:
        raise Invalid("reason_needed", _("请写明原因，它会公开。"), field="reason")
    penalty.status, penalty.withdrawn_at, penalty.withdrawal = PenaltyStatus.WITHDRAWN, now, reason
    penalty.repaired_at = now if is_repaired else None
    penalty.save(update_fields=["status", "withdrawn_at", "withdrawal", "repaired_at"])
    data = {"penalty": penalty.pk, "code": penalty.code, "label": _label(penalty.code), "reason": reason}
    if organization.is_intermediary:
        data["score_hundredths"] = recompute_credit(organization=organization, now=now).score
    _tell_withdrawn(penalty, now)
    record(
        organization.process,
        "penalty_repaired" if is_repaired else "penalty_withdrawn",
        now=now,
        by=by,
        organization=organization,
        subject=penalty,
        data=data,
    )
    return penalty


def _checked_code(code: str, organization: Organization) -> PenaltyCode:
    behavior = PENALTY_CODES.get(code)
    if behavior is None:
        raise Invalid("code_unknown", _("没有这种行为，请从列表中选择。"), field="code")
    if behavior.is_of_owner and not organization.is_buyer:
        raise Invalid("wrong_role", _("这种行为只适用于项目业主。"), field="code")
    if not behavior.is_of_owner and not organization.is_intermediary:
        raise Invalid("wrong_role", _("这种行为只适用于中介机构。"), field="code")
    return behavior


def _suspend_repeated(organization: Organization, now: datetime) -> None:
    """Suspend for repeated give-ups; a suspension that runs already is prolonged."""
    count = give_ups(organization, now)
    if count < SUSPEND_AT:
        return
    until = add_months(now, SUSPEND_MONTHS)
    reason = f"12 个月内 {count} 次中选后放弃，暂停到 {until_words(until)}"
    if organization.status == OrganizationStatus.ACTIVE:
        suspend_organization(organization=organization, reason=reason, by=None, now=now, until=until)
    elif organization.status == OrganizationStatus.SUSPENDED:
        prolong_suspension(organization=organization, until=until, reason=reason, now=now)


def _label(code: str) -> str:
    """Return a behavior's name in the site's language, in which events and messages are kept."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(PENALTY_CODES[code].label)


def _tell_imposed(penalty: Penalty, now: datetime) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        values = {"what": penalty.label, "points": penalty.points, "text": penalty.text.rstrip("。")}
        title = _("信用扣 %(points)s 分：%(what)s") if penalty.points else _("已记入公开记录：%(what)s")
        body = _("%(text)s。有异议的，请在 10 个工作日内向平台管理机构申诉；改正后可以申请信用修复。")
        _tell(penalty, title % values, body % values, "imposed", now)


def _tell_withdrawn(penalty: Penalty, now: datetime) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        title = _("信用已修复：%(what)s") if penalty.repaired_at else _("申诉成立，记录已撤销：%(what)s")
        body = _("%(reason)s。不再计入信用分。") % {"reason": penalty.withdrawal.rstrip("。")}
        _tell(penalty, title % {"what": penalty.label}, body, "withdrawn", now)


def _tell(penalty: Penalty, title: str, body: str, what: str, now: datetime) -> None:
    notify_organization(
        organization=penalty.organization,
        title=title,
        body=body,
        url=f"{penalty.organization.get_absolute_url()}#penalty-{penalty.pk}",
        key=f"penalty-{penalty.pk}-{what}",
        now=now,
    )
