"""Questions on a need and their answers, for all to read."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.access import is_member
from marketplace.parties.models import Membership, Organization
from marketplace.tenders.models import Question, Tender
from marketplace.tenders.rules import acts_for_a_firm, is_asked
from marketplace.tenders.states import TenderStatus

MAX_TEXT = 1000


@transaction.atomic
def ask_question(
    *, tender: Tender, organization: Organization, text: str, by: User, now: datetime | None = None
) -> Question:
    """Ask something about an open need until sign-ups end; everybody reads it, nobody reads who asked.

    Refuses with `not_allowed`, `questions_closed`, `text_missing`, `text_too_long`.
    """
    now = now or clock.now()
    tender = lock(tender)
    if not is_member(by, organization, power=Membership.Power.BID) or not acts_for_a_firm(by, tender):
        raise Forbidden("not_allowed", _("只有已入驻的中介机构可以提问。"))
    if not organization.is_intermediary or organization.pk == tender.buyer_id:
        raise Forbidden("not_allowed", _("只有已入驻的中介机构可以提问。"))
    if tender.status != TenderStatus.OPEN or now >= tender.signup_ends_at:
        raise Refused("questions_closed", _("报名已经截止，不再接受提问。"))
    question = Question.objects.create(
        tender=tender, organization=organization, asked_by=by, text=_clean(text, "text"), asked_at=now
    )
    # The asker is kept in the row only: a public event that names the firm would show who means to bid.
    record(tender.process, "question_asked", now=now, subject=question, data={"text": question.text})
    return question


@transaction.atomic
def answer_question(*, question: Question, text: str, by: User, now: datetime | None = None) -> Question:
    """Answer a question once, until bidding ends the talk.

    Refuses with `not_allowed`, `already_answered`, `questions_closed`, `text_missing`, `text_too_long`.
    """
    now = now or clock.now()
    question = lock(question)
    if not is_asked(by, question):
        raise Forbidden("not_allowed", _("只有发布需求的业主可以答复。"))
    if question.answered_at is not None:
        raise Refused("already_answered", _("这个问题已经答复，答复公开后不再修改。"))
    if question.tender.status != TenderStatus.OPEN:
        raise Refused("questions_closed", _("这份需求已经不在报名阶段，不再答复提问。"))
    question.answer, question.answered_at = _clean(text, "text"), now
    question.save(update_fields=["answer", "answered_at"])
    record(
        question.tender.process,
        "question_answered",
        by=by,
        organization=question.tender.buyer,
        now=now,
        subject=question,
        data={"text": question.text, "answer": question.answer},
    )
    return question


def _clean(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid("text_missing", _("请写下内容。"), field=field)
    if len(text) > MAX_TEXT:
        raise Invalid("text_too_long", _("最多 %(limit)d 字，请写得简短一些。") % {"limit": MAX_TEXT}, field=field)
    return text
