"""Claims: somebody asks to act for an organization that another person has entered; nobody's account is taken over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.accounts.actions import notify
from marketplace.accounts.models import User
from marketplace.core.events import record
from marketplace.core.files import check_upload, sha256_of
from marketplace.core.locks import lock
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.core.workdays import add_working_days

from ..models import EntryClaim, Membership, Organization
from ..rules import is_administrator, may_act_for, may_administer
from ..states import ENTRY_CLAIM, EntryClaimStatus, OrganizationStatus

DAYS = 5  # working days in which the organization's own administrators answer
MOST_OPEN = 5  # claims that one person may have open at a time
LETTERS = ("pdf", "ofd", "jpg", "png")


@transaction.atomic
def file_claim(
    *, organization: Organization, statement: str, file: Any = None, proven: bool = False, by: User, now: datetime
) -> EntryClaim:
    """Ask to act for an organization, with a statement and the scan of an authorisation letter.

    Its administrators are told at once (handlers) and may grant; after DAYS working days, or once they say no, the
    marketplace decides. With `proven` (the person's proven identity carries the code) it is granted at once, without a
    letter. Refuses: barred, already_member, claim_open, too_many_claims, statement_missing, file_missing, file_*.
    """
    organization = lock(organization)
    if organization.status == OrganizationStatus.REMOVED or organization.kind == Organization.Kind.PERSON:
        raise Refused("barred", _("这个单位不能认领，请联系平台管理机构。"))
    if may_act_for(by, organization):
        raise Refused("already_member", _("您已经可以代表“%(name)s”办理业务。") % {"name": organization.name})
    open_claims = EntryClaim.objects.filter(user=by, status=EntryClaimStatus.FILED)
    twice = Refused("claim_open", _("您对“%(name)s”的申请正在处理，不用再交。") % {"name": organization.name})
    if open_claims.filter(organization=organization).exists():
        raise twice
    if open_claims.count() >= MOST_OPEN:
        raise Refused("too_many_claims", _("您有 %(count)d 份申请正在处理，请等结果。") % {"count": MOST_OPEN})
    if not proven:
        _check_papers(statement, file)
    claim = EntryClaim(
        organization=organization,
        user=by,
        statement=statement.strip() or _("统一身份认证已证明本人代表这个单位。"),
        sha256=sha256_of(file) if file else "",
        filed_at=now,
        due_at=add_working_days(now, DAYS),
    )
    if not organization.memberships.filter(role=Membership.Role.ADMINISTRATOR, user__is_active=True).exists():
        claim.escalated_at = now  # nobody there could answer
    if file:
        claim.file.save(f"{claim.sha256[:16]}-{file.name[-60:]}", file, save=False)
    try:
        with transaction.atomic():
            claim.save(force_insert=True)
    except IntegrityError as again:
        raise twice from again
    _record(claim, "claim_filed", by=by, now=now)
    return _grant(claim, organization, by=by, reason=claim.statement, now=now) if proven else claim


@transaction.atomic
def grant_claim(*, claim: EntryClaim, by: Any, reason: str = "", now: datetime) -> EntryClaim:
    """Let the claimant act for the organization as an administrator beside those who do.

    Refuses: not_yours (403), claim_early, state_conflict.
    """
    organization = lock(claim.organization)
    claim = lock(claim)
    _check_decider(claim, organization, by)
    return _grant(claim, organization, by=by, reason=reason, now=now)


@transaction.atomic
def refuse_claim(*, claim: EntryClaim, by: Any, reason: str, now: datetime) -> EntryClaim:
    """Say no with the reason: an administrator of the organization passes it on to the marketplace, whose no is final.

    Refuses: not_yours (403), claim_early, reason_needed, already_answered, state_conflict.
    """
    organization = lock(claim.organization)
    claim = lock(claim)
    final = _check_decider(claim, organization, by)
    if not reason.strip():
        raise Invalid("reason_needed", _("请写明理由，申请人会看到。"), field="reason")
    ENTRY_CLAIM.check(claim.status, EntryClaimStatus.REFUSED)
    if final:
        claim.status, claim.reason, claim.decided_by, claim.decided_at = (
            EntryClaimStatus.REFUSED,
            reason.strip(),
            by,
            now,
        )
        claim.save()
        _record(claim, "claim_refused", by=by, now=now)
        return claim
    if claim.answer:
        raise Refused("already_answered", _("本单位已经答复过，现在由平台管理机构决定。"))
    claim.answer, claim.answered_by, claim.escalated_at = reason.strip(), by, claim.escalated_at or now
    claim.save()
    _record(claim, "claim_answered", by=by, now=now)
    return claim


@transaction.atomic
def escalate_claim(*, claim: EntryClaim, now: datetime) -> EntryClaim:
    """Hand a claim that the organization left unanswered to the marketplace; the worker's part. Refuses: not_due."""
    claim = lock(claim)
    if claim.status != EntryClaimStatus.FILED or claim.escalated_at is not None or now < claim.due_at:
        raise Refused("not_due", _("这份申请还没有到期。"))
    claim.escalated_at = now
    claim.save(update_fields=["escalated_at"])
    _record(claim, "claim_escalated", by=None, now=now)
    return claim


def tell_claim(*, users: Any, claim: EntryClaim, title: str, body: str, key: str, now: datetime) -> None:
    """Tell people about a claim, each once; the message leads to its page."""
    for user in users:
        url = reverse("parties:claim", args=[claim.pk])
        notify(user=user, title=title, body=body, url=url, key=f"claim-{claim.pk}-{key}", now=now)


def _check_papers(statement: str, file: Any) -> None:
    if len(statement.strip()) < 5:
        message = _("请说明您与这个单位的关系，例如“我是办公室主任，原经办人已离职”。")
        raise Invalid("statement_missing", message, field="statement")
    if not file:
        message = _("请上传盖章的授权书或者法定代表人证明（PDF、OFD、JPG 或 PNG）。")
        raise Invalid("file_missing", message, field="file")
    check_upload(file, kinds=LETTERS)


def _check_decider(claim: EntryClaim, organization: Organization, by: Any) -> bool:
    """Return whether `by` decides for the marketplace; refuse who may not decide now."""
    if may_administer(by, organization):
        return False
    if not is_administrator(by):
        raise Forbidden("not_yours", _("只有“%(name)s”的管理员和平台管理机构可以处理。") % {"name": organization.name})
    if claim.escalated_at is None:
        raise Refused(
            "claim_early",
            _("请先等本单位管理员答复，截止 %(until)s；逾期或者不同意的，由平台决定。")
            % {"until": f"{claim.due_at:%Y-%m-%d}"},
        )
    return True


def _grant(claim: EntryClaim, organization: Organization, *, by: Any, reason: str, now: datetime) -> EntryClaim:
    ENTRY_CLAIM.check(claim.status, EntryClaimStatus.GRANTED)
    claim.status, claim.reason, claim.decided_by, claim.decided_at = EntryClaimStatus.GRANTED, reason.strip(), by, now
    claim.save()
    Membership.objects.update_or_create(
        user=claim.user,
        organization=organization,
        defaults={"role": Membership.Role.ADMINISTRATOR, "granted_by": by, "starts_on": None, "ends_on": None},
    )
    _record(claim, "claim_granted", by=by, now=now)
    return claim


def _record(claim: EntryClaim, name: str, *, by: Any, now: datetime) -> None:
    record(
        claim.organization.process,
        name,
        by=by,
        organization=claim.organization,
        now=now,
        subject=claim,
        data={"claim": claim.pk, "user": claim.user_id},
        visibility=Event.Visibility.PRIVATE,
    )
