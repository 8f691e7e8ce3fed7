"""Tell firms of needs that fit them, owners of questions, and those who asked of answers."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.moments import until
from marketplace.core.money import format_yuan
from marketplace.parties.actions import notify_organization
from marketplace.parties.models import Organization
from marketplace.parties.states import OfferingStatus

from .models import Question, Tender

BATCH = 200


@on("tender_published")
def tell_fitting_firms(event: Event) -> None:
    """Tell every active firm that offers the service now; each is told once, however often this runs."""
    tender = Tender.objects.select_related("service", "buyer").get(pk=event.subject_id)
    firms = (
        Organization.objects.active()
        .intermediaries()
        .filter(offerings__service=tender.service, offerings__status=OfferingStatus.LIVE)
        .exclude(pk=tender.buyer_id)
        .order_by("pk")
    )
    title = _("有适合您的采购需求：%(title)s") % {"title": tender.title}
    body = _("%(buyer)s需要“%(service)s”，最高限价 %(ceiling)s 元，%(until)s 前可以报名。") % {
        "buyer": tender.buyer.name,
        "service": tender.service.name,
        "ceiling": format_yuan(tender.ceiling_fen),
        "until": until(tender.signup_ends_at),
    }
    for firm in firms.iterator(chunk_size=BATCH):
        notify_organization(
            organization=firm,
            title=title,
            body=body,
            url=tender.get_absolute_url(),
            key=f"tender-{tender.pk}",
            now=event.at,
        )


@on("question_asked")
def tell_owner_of_question(event: Event) -> None:
    """Tell the owner that somebody asked."""
    question = Question.objects.select_related("tender__buyer").get(pk=event.subject_id)
    notify_organization(
        organization=question.tender.buyer,
        title=_("有机构提问：%(title)s") % {"title": question.tender.title},
        body=question.text,
        url=f"{question.tender.get_absolute_url()}#questions",
        key=f"question-{question.pk}",
        now=event.at,
    )


@on("question_answered")
def tell_asker_of_answer(event: Event) -> None:
    """Tell the firm that asked that its question is answered."""
    question = Question.objects.select_related("tender", "organization").get(pk=event.subject_id)
    notify_organization(
        organization=question.organization,
        title=_("业主已答复：%(title)s") % {"title": question.tender.title},
        body=question.answer,
        url=f"{question.tender.get_absolute_url()}#questions",
        key=f"answer-{question.pk}",
        now=event.at,
    )
