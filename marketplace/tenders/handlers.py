"""Tell firms that an owner names or invites, those that signed up of what changes, owners, and askers of questions."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.moments import until
from marketplace.parties.actions import notify_organization
from marketplace.parties.models import Organization

from .models import NAMED, Invitation, Question, Tender
from .queries import facts_in_words
from .states import TenderStatus


@on("tender_published")
def tell_invited_firms(event: Event) -> None:
    """Tell the firm that the owner names, or those that it asks for a quote; each once, however often this runs.

    Firms that a need fits are told by search/recommendation, with the reasons.
    """
    tender = Tender.objects.select_related("service", "buyer", "chosen_firm").get(pk=event.subject_id)
    if tender.method in NAMED:
        if tender.chosen_firm is not None:
            title = _("业主拟选贵机构承接：%(title)s") % {"title": tender.title}
            _tell([tender.chosen_firm], tender, title, facts_in_words(tender), f"tender-{tender.pk}", event)
        return
    invited = Organization.objects.filter(pk__in=tender.invitations.values("organization")).order_by("pk")
    _tell_invited(invited, tender, event)


@on("firm_invited")
def tell_invited_firm(event: Event) -> None:
    """Tell a firm that was asked for a quote while the need is open; those of a draft are told when it is published."""
    invitation = Invitation.objects.select_related("tender__buyer", "tender__service", "organization").filter(
        pk=event.subject_id, tender__status=TenderStatus.OPEN
    )
    for row in invitation:
        _tell_invited([row.organization], row.tender, event)


@on("tender_amended")
def tell_of_amendment(event: Event) -> None:
    """Tell the firms that signed up what was changed; they may withdraw until the sign-up ends."""
    tender = Tender.objects.get(pk=event.subject_id)
    changed = "、".join(change["label"] for change in event.data["changes"])
    body = _("变更内容：%(changed)s。原因：%(reason)s。请查看公告，%(until)s 前可以撤回报名。")
    given = {"changed": changed, "reason": event.data["reason"], "until": until(tender.signup_ends_at)}
    _tell_signed_up(tender, _("公告有变更：%(title)s"), body % given, "amended", event)


@on("signup_extended")
def tell_of_extension(event: Event) -> None:
    """Tell the firms that signed up, and the owner, that the sign-up goes on."""
    tender = Tender.objects.select_related("buyer").get(pk=event.subject_id)
    body = _("%(reason)s。报名延长到 %(until)s，选取时间相应推迟。")
    given = {"reason": event.data["reason"], "until": until(tender.signup_ends_at)}
    title = _("报名延长：%(title)s")
    _tell_signed_up(tender, title, body % given, "extended", event)
    _tell([tender.buyer], tender, title % {"title": tender.title}, body % given, f"extended-{event.pk}", event)


@on("tender_cancelled")
def tell_of_cancellation(event: Event) -> None:
    """Tell the firms that signed up that the need was taken back."""
    tender = Tender.objects.get(pk=event.subject_id)
    _tell_signed_up(tender, _("采购已取消：%(title)s"), event.data["reason"], "cancelled", event)


@on("tender_voided")
def tell_of_voiding(event: Event) -> None:
    """Tell the firms that signed up, and the owner, that an administrator declared the need void."""
    tender = Tender.objects.select_related("buyer").get(pk=event.subject_id)
    title, reason = _("采购被置为无效：%(title)s"), event.data["reason"]
    _tell_signed_up(tender, title, reason, "voided", event)
    _tell([tender.buyer], tender, title % {"title": tender.title}, reason, f"voided-{event.pk}", event)


def _tell_invited(firms: Iterable[Organization], tender: Tender, event: Event) -> None:
    title = _("邀请贵机构报价：%(title)s") % {"title": tender.title}
    body = facts_in_words(tender) + _("请在 %(until)s 前报名，并提交密封报价。") % {
        "until": until(tender.signup_ends_at)
    }
    _tell(firms, tender, title, body, f"invited-{tender.pk}", event)


def _tell_signed_up(tender: Tender, title: str, body: str, about: str, event: Event) -> None:
    firms = Organization.objects.filter(bidders__tender=tender, bidders__status="active").order_by("pk")
    _tell(firms, tender, title % {"title": tender.title}, body, f"{about}-{event.pk}", event)


def _tell(firms: Iterable[Organization], tender: Tender, title: str, body: str, key: str, event: Event) -> None:
    for firm in firms:
        notify_organization(
            organization=firm, title=title, body=body, url=tender.get_absolute_url(), key=key, now=event.at
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
