"""Firms that an owner keeps out of a need, with a public reason, and firms that it asks for a quote."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.models import Organization
from marketplace.parties.states import OrganizationStatus
from marketplace.tenders.models import Avoidance, Invitation, Method, Tender
from marketplace.tenders.rules import lacking, runs_for_owner, services_of
from marketplace.tenders.states import TenderStatus

from .publishing import reason_given

MOST_FIRMS = 30


@transaction.atomic
def avoid_firm(
    *, tender: Tender, organization: Organization, reason: str, by: User, now: datetime | None = None
) -> Avoidance:
    """Keep a firm out 回避 of a draft, or of an open need as long as the firm has not signed up; the reason is public.

    Refuses with `not_allowed`, `firms_closed`, `reason_missing`, `not_an_intermediary`, `already_signed_up`,
    `already_avoided`, `firm_is_chosen`, `firm_is_invited`, `too_many_firms`.
    """
    now = now or clock.now()
    tender = _locked(tender, by, now)
    _check_firm(tender, organization)
    if tender.bidders.filter(organization=organization).exclude(status="withdrawn").exists():
        raise Refused("already_signed_up", _("这家机构已经报名，不能再列为回避。"), field="organization")
    if tender.chosen_firm_id == organization.pk:
        raise Refused("firm_is_chosen", _("这家机构是拟选机构，不能列为回避。"), field="organization")
    if tender.invitations.filter(organization=organization).exists():
        raise Refused("firm_is_invited", _("这家机构已受邀报价，不能列为回避。"), field="organization")
    if tender.avoidances.filter(organization=organization).exists():
        raise Refused("already_avoided", _("这家机构已在回避名单中。"), field="organization")
    if tender.avoidances.count() >= MOST_FIRMS:
        raise Refused("too_many_firms", _("回避名单最多 %(limit)d 家。") % {"limit": MOST_FIRMS}, field="organization")
    reason = reason_given(reason, _("请写明回避的理由，它会公开。"))
    row = Avoidance.objects.create(tender=tender, organization=organization, reason=reason)
    _record(tender, "firm_avoided", row, by, now, {"firm": organization.name, "reason": reason})
    return row


@transaction.atomic
def stop_avoiding(*, avoidance: Avoidance, by: User, now: datetime | None = None) -> None:
    """Let a firm in again, while it can still sign up. Refuses with `not_allowed`, `firms_closed`."""
    now = now or clock.now()
    tender = _locked(avoidance.tender, by, now)
    firm = avoidance.organization
    avoidance.delete()
    _record(tender, "firm_avoidance_ended", tender, by, now, {"firm": firm.name})


@transaction.atomic
def invite_firm(*, tender: Tender, organization: Organization, by: User, now: datetime | None = None) -> Invitation:
    """Ask a firm for a quote 询比, which others may give as well; whom an owner asks stays private until the disclosure.

    Refuses with `not_allowed`, `firms_closed`, `not_for_quotes`, `not_an_intermediary`, `firm_avoided`,
    `already_invited`, `firm_not_able`, `too_many_firms`.
    """
    now = now or clock.now()
    tender = _locked(tender, by, now)
    if tender.method != Method.QUOTES:
        raise Refused("not_for_quotes", _("只有询比选取需要邀请机构。"))
    _check_firm(tender, organization)
    if tender.avoidances.filter(organization=organization).exists():
        raise Refused("firm_avoided", _("这家机构在回避名单中，不能邀请。"), field="organization")
    if tender.invitations.filter(organization=organization).exists():
        raise Refused("already_invited", _("这家机构已经受邀。"), field="organization")
    if reason := lacking(organization, services_of(tender), tender.services_rule):
        words = _("“%(firm)s”不能承接这项服务：%(reason)s") % {"firm": organization.name, "reason": reason}
        raise Refused("firm_not_able", words, field="organization")
    if tender.invitations.count() >= MOST_FIRMS:
        raise Refused("too_many_firms", _("最多邀请 %(limit)d 家。") % {"limit": MOST_FIRMS}, field="organization")
    row = Invitation.objects.create(tender=tender, organization=organization)
    count = tender.invitations.count()
    _record(tender, "firm_invited", row, by, now, {"count": count}, visibility=Event.Visibility.PRIVATE)
    return row


@transaction.atomic
def uninvite_firm(*, invitation: Invitation, by: User, now: datetime | None = None) -> None:
    """Take an invitation back before anybody was told of it. Refuses with `not_allowed`, `already_told`."""
    now = now or clock.now()
    tender = _locked(invitation.tender, by, now)
    if tender.status != TenderStatus.DRAFT:
        raise Refused("already_told", _("公告已发布，邀请已经送达，不能撤回。"))
    invitation.delete()
    count = tender.invitations.count()
    _record(tender, "firm_uninvited", tender, by, now, {"count": count}, visibility=Event.Visibility.PRIVATE)


def _locked(tender: Tender, by: User, now: datetime) -> Tender:
    tender = lock(tender)
    if not runs_for_owner(by, tender):
        raise Forbidden("not_allowed", _("只有项目业主的经办人可以这样做。"))
    is_open = tender.status == TenderStatus.OPEN and now < tender.signup_ends_at
    if tender.status != TenderStatus.DRAFT and not is_open:
        raise Refused("firms_closed", _("报名已经截止，名单不能再变动。"))
    return tender


def _check_firm(tender: Tender, organization: Organization) -> None:
    removed = organization.status == OrganizationStatus.REMOVED
    if not organization.is_intermediary or removed or organization.pk == tender.buyer_id:
        raise Invalid("not_an_intermediary", _("请选择一家已入驻的中介机构。"), field="organization")


def _record(
    tender: Tender,
    name: str,
    subject: Avoidance | Invitation | Tender,
    by: User,
    now: datetime,
    data: dict[str, object],
    *,
    visibility: str = Event.Visibility.PUBLIC,
) -> None:
    record(
        tender.process,
        name,
        by=by,
        organization=tender.buyer,
        now=now,
        subject=subject,
        data=data,
        visibility=Event.Visibility.PRIVATE if tender.status == TenderStatus.DRAFT else visibility,
    )
