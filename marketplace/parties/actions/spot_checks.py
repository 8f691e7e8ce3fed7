"""Spot checks 抽查 after entry: a seed is committed to, the firms are fixed, the draw is held, each check is decided."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Process
from marketplace.core.moments import until as until_words
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.core.safe import Missing, TooEarly, safe

from ..models import Organization, SpotCheck, SpotCheckRound
from ..rules import is_administrator
from ..sampling import commitment, draw, population_hash
from ..states import ORGANIZATION, SPOT_CHECK, OrganizationStatus, SpotCheckStatus
from .organizations import suspend_organization

OCID = "yt360600-spot-checks"
SECRET_BYTES = 32
MOST = 200  # firms in one round
MIN_FINDINGS = 4


@transaction.atomic
def commit_round(*, count: int, draws_at: datetime, by: Any, now: datetime) -> SpotCheckRound:
    """Commit to a seed for a draw of `count` firms at `draws_at`; only its hash is known until then, the rest is in the safe.

    Refuses: not_administrator (403), count_wrong, draws_at_passed.
    """
    _check_administrator(by)
    if not 1 <= count <= MOST:
        raise Invalid("count_wrong", _("抽取数量在 1 到 %(most)d 家之间。") % {"most": MOST}, field="count")
    if draws_at <= now:
        raise Invalid("draws_at_passed", _("抽取时间应在现在以后，种子到那时才公布。"), field="draws_at")
    secret = secrets.token_bytes(SECRET_BYTES)
    promise = commitment(secret)
    safe().put(f"spot-check-{promise}", secret, draws_at)
    row = SpotCheckRound.objects.create(
        commitment=promise, committed_at=now, draws_at=draws_at, count=count, created_by=by
    )
    data = {"commitment": promise, "count": count, "draws_at": draws_at.isoformat()}
    _record(row, "spot_checks_committed", by=by, now=now, data=data)
    return row


@transaction.atomic
def fix_population(*, round: SpotCheckRound, by: Any = None, now: datetime) -> SpotCheckRound:  # noqa: A002
    """Fix the firms that are drawn from: the active ones at this moment. Done once; the worker (`by` None) does it at the hour.

    Refuses: not_administrator (403), too_early (the system before the hour), population_fixed, nobody_to_check.
    """
    row = lock(round)
    if by is not None:
        _check_administrator(by)
    elif row.draws_at is None or now < row.draws_at:
        raise Refused("too_early", _("还没有到抽取时间。"))
    if row.fixed_at is not None:
        raise Refused("population_fixed", _("抽取范围已经确定，不能再改。"))
    codes = Organization.objects.active().intermediaries().exclude(uscc=None).values_list("uscc", flat=True)
    row.population, row.fixed_at = sorted(codes), now
    if not row.population:
        raise Refused("nobody_to_check", _("现在没有可以抽查的机构。"))
    row.save(update_fields=["population", "fixed_at"])
    data = {"firms": len(row.population), "population_hash": population_hash(row.population)}
    _record(row, "spot_check_population_fixed", by=by, now=now, data=data)
    return row


@transaction.atomic
def draw_round(*, round: SpotCheckRound, by: Any = None, now: datetime) -> SpotCheckRound:  # noqa: A002
    """Hold the draw once its hour has come: take the seed from the safe, publish it, and queue the firms that it draws.

    By the worker (`by` None) or an administrator, whoever notices first.
    Refuses: not_administrator (403), already_drawn, too_early, seed_missing, nobody_to_check.
    """
    if by is not None:
        _check_administrator(by)
    row = lock(round)
    if row.drawn_at is not None:
        raise Refused("already_drawn", _("这一批已经抽取。"))
    if row.draws_at is None or now < row.draws_at:
        raise Refused(
            "too_early", _("%(until)s 才能抽取，种子到那时公布。") % {"until": until_words(row.draws_at or now)}
        )
    if row.fixed_at is None:
        row = fix_population(round=row, by=by, now=now)
    try:
        secret = safe().take(f"spot-check-{row.commitment}", now)
    except (Missing, TooEarly) as error:
        raise Refused("seed_missing", _("保险箱里取不出种子，请联系运维。")) from error
    if commitment(secret) != row.commitment:
        raise Refused("seed_missing", _("取出的种子与公布的承诺值不符。"))
    row.seed, row.drawn_at = secret.hex(), now
    row.save(update_fields=["seed", "drawn_at"])
    drawn = draw(secret, row.population, row.count)
    firms = {firm.uscc: firm for firm in Organization.objects.filter(uscc__in=drawn).select_related("process")}
    data = {"seed": row.seed, "firms": len(firms)}
    _record(row, "spot_checks_drawn", by=by, now=now, data=data)
    for code in drawn:
        check = SpotCheck.objects.create(round=row, organization=firms[code])
        _record_check(check, "spot_check_ordered", by=by, now=now, data={"round": row.pk})
    return row


def pass_spot_check(*, check: SpotCheck, findings: str, by: Any, now: datetime) -> SpotCheck:
    """Note that a firm was checked and is in order. Refuses: not_administrator (403), findings_needed, state_conflict."""
    return _decide(check, SpotCheckStatus.PASSED, "spot_check_passed", findings, by, now)


@transaction.atomic
def fail_spot_check(
    *, check: SpotCheck, findings: str, by: Any, now: datetime, suspend: bool = False, until: datetime | None = None
) -> SpotCheck:
    """Note what is wrong with a firm that was checked; with `suspend` it takes no new business, until a moment if one is given.

    Refuses: not_administrator (403), findings_needed, state_conflict, and what `suspend_organization` refuses.
    """
    check = _decide(check, SpotCheckStatus.FAILED, "spot_check_failed", findings, by, now)
    firm = check.organization
    if suspend and ORGANIZATION.allows(firm.status, OrganizationStatus.SUSPENDED):
        reason = _("抽查发现问题：%(findings)s") % {"findings": check.findings}
        suspend_organization(organization=firm, reason=reason, by=by, until=until, now=now)
    return check


@transaction.atomic
def _decide(check: SpotCheck, status: str, event: str, findings: str, by: Any, now: datetime) -> SpotCheck:
    lock(check.organization)
    check = lock(check)
    _check_administrator(by)
    findings = findings.strip()
    if len(findings) < MIN_FINDINGS:
        raise Invalid("findings_needed", _("请写明检查了什么、结果如何，它会公开。"), field="findings")
    SPOT_CHECK.check(check.status, status)
    check.status, check.findings, check.decided_by, check.decided_at = status, findings, by, now
    check.save(update_fields=["status", "findings", "decided_by", "decided_at"])
    _record_check(check, event, by=by, now=now, data={"round": check.round_id, "findings": findings})
    return check


def _check_administrator(by: Any) -> None:
    if not is_administrator(by):
        raise Forbidden("not_administrator", _("只有平台管理机构可以这样做。"))


def _record(row: SpotCheckRound, name: str, *, by: Any, now: datetime, data: dict[str, Any]) -> None:
    defaults = {"kind": Process.Kind.OPERATION, "title": "入驻抽查", "created_at": now}
    process, _made = Process.objects.get_or_create(ocid=OCID, defaults=defaults)
    record(process, name, by=by, now=now, subject=row, data={"round": row.pk, **data})


def _record_check(check: SpotCheck, name: str, *, by: Any, now: datetime, data: dict[str, Any]) -> None:
    firm = check.organization
    record(firm.process, name, by=by, organization=firm, now=now, subject=check, data=data)
