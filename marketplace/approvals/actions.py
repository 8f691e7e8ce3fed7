"""Owe the approval platform a message, send it, and note what it answers."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Refused
from marketplace.projects import approval_platform
from marketplace.projects.actions import note_case_status
from marketplace.projects.models import ApprovalCase
from marketplace.tenders.models import Tender

from .models import Push
from .states import PUSH, PushStatus

logger = logging.getLogger(__name__)
LONGEST_WAIT_SECONDS = 900


@transaction.atomic
def owe_push(*, event: Event, tender: Tender, kind: str, word: str, payload: dict[str, Any]) -> Push | None:
    """Keep a message for the platform, once per event and kind; None for a need without a project."""
    if tender.project_id is None:
        return None
    push, _created = Push.objects.get_or_create(
        event=event,
        kind=kind,
        defaults={
            "tender": tender,
            "word": word,
            "key": f"{event.hash}-{kind}",
            "payload": payload,
            "created_at": event.at,
            "next_at": event.at,
        },
    )
    return push


def send_push(*, push: Push, now: datetime | None = None) -> Push:
    """Send one message and keep the answer; on failure keep it for later, with back-off, for as long as it takes.

    The platform is asked outside every transaction: a slow neighbour holds no lock. Two workers may send the same message
    at once; its key makes it count once there, and the row's state makes it count once here.
    """
    now = now or clock.now()
    try:
        answer = approval_platform.push(push.kind, push.payload, push.key)
    except approval_platform.PushRefused as refused:
        return _keep_refusal(push, str(refused.message), now)
    except Refused as refused:
        return _keep_failure(push, str(refused.message), now)
    return _keep_answer(push, answer, now)


@transaction.atomic
def _keep_answer(push: Push, answer: dict[str, Any], now: datetime) -> Push:
    push = lock(push)
    if push.status == PushStatus.SENT:
        return push
    PUSH.check(push.status, PushStatus.SENT)
    push.status, push.sent_at, push.error = PushStatus.SENT, now, ""
    push.attempts += 1
    push.receipt = str(answer.get("receipt", ""))[:60]
    push.save(update_fields=["status", "sent_at", "error", "attempts", "receipt"])
    case = answer.get("case")
    if isinstance(case, dict):
        _note_case(push, case, now)
    record(
        push.tender.process,
        "result_pushed" if push.kind == Push.Kind.RESULT else "state_pushed",
        now=now,
        subject=push,
        data={"kind": push.kind, "word": push.word, "receipt": push.receipt, "project": push.tender.project.code}
        if push.tender.project
        else {"kind": push.kind},
    )
    return push


def _note_case(push: Push, answer: dict[str, Any], now: datetime) -> None:
    case = ApprovalCase.objects.filter(number=answer.get("number"), project=push.tender.project_id).first()
    if case is None:
        return
    try:
        note_case_status(case=case, status=str(answer.get("status")), now=now)
    except (Refused, ValueError):
        logger.warning("case %s: %s cannot become %s", case.number, case.status, answer.get("status"))


@transaction.atomic
def _keep_failure(push: Push, reason: str, now: datetime) -> Push:
    push = lock(push)
    if push.status != PushStatus.WAITING:
        return push
    push.attempts += 1
    push.error = reason[:300]
    push.next_at = now + timedelta(seconds=min(2 ** min(push.attempts, 12), LONGEST_WAIT_SECONDS))
    push.save(update_fields=["attempts", "error", "next_at"])
    return push


@transaction.atomic
def _keep_refusal(push: Push, reason: str, now: datetime) -> Push:
    del now
    push = lock(push)
    if push.status != PushStatus.WAITING:
        return push
    PUSH.check(push.status, PushStatus.REFUSED)
    push.status, push.error = PushStatus.REFUSED, reason[:300]
    push.attempts += 1
    push.save(update_fields=["status", "error", "attempts"])
    return push


@transaction.atomic
def retry_push(*, push: Push, by: User, now: datetime | None = None) -> Push:
    """Send a refused message again, once its cause was removed. Refuses with `not_allowed`, `state_conflict`."""
    now = now or clock.now()
    push = lock(push)
    if not by.has_perm("approvals.retry_push", push):
        raise Forbidden("not_allowed", _("只有需求的业主或管理机构可以重新发送。"))
    PUSH.check(push.status, PushStatus.WAITING)
    push.status, push.next_at = PushStatus.WAITING, now
    push.save(update_fields=["status", "next_at"])
    return push
