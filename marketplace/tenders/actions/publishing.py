"""Bring a need before the public, and take it back: publish, cancel, declare void, scrap."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.tenders.models import Tender
from marketplace.tenders.queries.schedule import is_late_record
from marketplace.tenders.rules import may_post, runs_for_owner, services_of
from marketplace.tenders.states import TENDER, TenderStatus

from .rule_sets import frozen_rules
from .terms import check_publication, check_terms, settle

REASON_LENGTH = 200


@transaction.atomic
def publish_tender(*, tender: Tender, by: User, now: datetime | None = None) -> Tender:
    """Open a draft to the public and to sign-ups; its rules stand still from here on, its terms but for amendments.

    Where the owner names the firm, sign-up and selection are now. Refuses with `not_allowed`, `state_conflict`, all that
    save_draft refuses, and `times_in_past`, `signup_too_short`, `too_few_invited`, `pair_blocked`, `happens_later`.
    """
    now = now or clock.now()
    tender = lock(tender)
    if not may_post(by, tender.buyer):
        raise Forbidden("not_allowed", _("只有项目业主的经办人可以发布这份需求。"))
    TENDER.check(tender.status, TenderStatus.OPEN)
    settle(tender=tender, now=now)
    rule_set, rules = frozen_rules(tender=tender, now=now)
    services = services_of(tender)
    check_terms(tender=tender, services=services, rules=rules)
    check_publication(tender=tender, rules=rules, now=now)
    tender.status = TenderStatus.OPEN
    tender.published_at, tender.rule_set, tender.rules = now, rule_set, rules
    tender.save()
    record(
        tender.process,
        "tender_published",
        by=by,
        organization=tender.buyer,
        now=now,
        subject=tender,
        data=_published(tender, [service.code for service in services], rule_set.version),
    )
    if tender.former is not None:
        _tell_of_former(tender, tender.former, by, now)
    return tender


def _published(tender: Tender, services: list[str], version: int) -> dict[str, Any]:
    """Return the terms as the event keeps them: what is empty is left out."""
    avoided = tender.avoidances.select_related("organization").order_by("pk")
    given = {
        "floor_fen": tender.floor_fen,
        "step_fen": tender.step_fen,
        "auction_ends_at": tender.auction_ends_at.isoformat() if tender.auction_ends_at else None,
        "more_services": services[1:],
        "services_rule": tender.services_rule if services[1:] else None,
        "local_code": tender.local_code,
        "requirement": tender.requirement,
        "minimum_credit": tender.minimum_credit,
        "criteria": tender.criteria,
        "chosen_firm": tender.chosen_firm.name if tender.chosen_firm else None,
        "ground": tender.ground,
        "ground_reason": tender.ground_reason,
        "happened_at": tender.happened_at.isoformat() if tender.happened_at else None,
        "is_late_record": is_late_record(tender, tender.rules, tender.published_at or tender.created_at),
        "is_urgent": tender.is_urgent,
        "avoided": [{"firm": row.organization.name, "reason": row.reason} for row in avoided],
        "invited": tender.invitations.count(),
        "former": tender.former.number if tender.former else None,
    }
    return {
        "number": tender.number,
        "title": tender.title,
        "service": services[0],
        "method": tender.method,
        "money_kind": tender.money_kind,
        "fiscal_percent": tender.fiscal_percent,
        "price_kind": tender.price_kind,
        "ceiling_fen": tender.ceiling_fen,
        "delivery_days": tender.delivery_days,
        "signup_ends_at": tender.signup_ends_at.isoformat(),
        "selection_at": tender.selection_at.isoformat(),
        "project": tender.project.code if tender.project else "",
        "rules_version": version,
        "documents": [document.sha256 for document in tender.documents.order_by("pk")],
        **{name: value for name, value in given.items() if value},
    }


def _tell_of_former(tender: Tender, former: Tender, by: User, now: datetime) -> None:
    """Record on both processes that one need posts the other again: only now, for drafts are nobody's business."""
    about = {"former": former.number, "number": tender.number}
    for process, name, subject in (
        (tender.process, "tender_reposted", tender),
        (former.process, "tender_followed", former),
    ):
        record(process, name, by=by, organization=tender.buyer, now=now, subject=subject, data=about)


@transaction.atomic
def cancel_tender(*, tender: Tender, reason: str = "", by: User, now: datetime | None = None) -> Tender:
    """Take a need back: throw a draft away, or end an open one with a public reason.

    The owner may until bidding begins, an administrator as long as the table allows. Refuses with `not_allowed`,
    `state_conflict`, `auction_begun`, `reason_missing`.
    """
    now = now or clock.now()
    tender = lock(tender)
    if not by.has_perm("tenders.cancel_tender", tender):
        if runs_for_owner(by, tender):
            TENDER.check(tender.status, TenderStatus.CANCELLED)
            raise Refused("auction_begun", _("选取已经开始，业主不能再取消。确有特殊情况请联系平台管理机构。"))
        raise Forbidden("not_allowed", _("您不能取消别人的采购需求。"))
    was_draft = tender.status == TenderStatus.DRAFT
    TENDER.check(tender.status, TenderStatus.CANCELLED)
    return _end(
        tender,
        TenderStatus.CANCELLED,
        reason="" if was_draft else reason_given(reason, _("请写明取消的原因，它会向公众公开。")),
        event="tender_cancelled",
        by=by,
        now=now,
        visibility=Event.Visibility.PRIVATE if was_draft else Event.Visibility.PUBLIC,
    )


@transaction.atomic
def void_tender(*, tender: Tender, reason: str, by: User, now: datetime | None = None) -> Tender:
    """Declare a need void 置为无效: an administrator's word on one that should not stand, with a public reason.

    Refuses with `not_allowed`, `state_conflict`, `reason_missing`.
    """
    tender = lock(tender)
    if not by.has_perm("tenders.void_tender", tender):
        raise Forbidden("not_allowed", _("只有平台管理机构可以将采购需求置为无效。"))
    TENDER.check(tender.status, TenderStatus.VOID)
    reason = reason_given(reason, _("请写明置为无效的原因，它会向公众公开。"))
    return _end(tender, TenderStatus.VOID, reason=reason, event="tender_voided", by=by, now=now or clock.now())


@transaction.atomic
def scrap_tender(*, tender: Tender, reason: str, by: User, now: datetime | None = None) -> Tender:
    """Scrap a failed need 废置: it will not be posted again. The owner or an administrator may, with a public reason.

    Refuses with `not_allowed`, `state_conflict`, `reason_missing`.
    """
    tender = lock(tender)
    if not by.has_perm("tenders.scrap_tender", tender):
        raise Forbidden("not_allowed", _("您不能废置别人的采购需求。"))
    TENDER.check(tender.status, TenderStatus.SCRAPPED)
    reason = reason_given(reason, _("请写明废置的原因，它会向公众公开。"))
    return _end(tender, TenderStatus.SCRAPPED, reason=reason, event="tender_scrapped", by=by, now=now or clock.now())


def reason_given(reason: str, words: str) -> str:
    """Return a reason without spaces around it; refuse with `reason_missing` or `reason_long`."""
    reason = reason.strip()
    if not reason:
        raise Invalid("reason_missing", words, field="reason")
    if len(reason) > REASON_LENGTH:
        raise Invalid("reason_long", _("原因最多 %(limit)d 字。") % {"limit": REASON_LENGTH}, field="reason")
    return reason


def _end(
    tender: Tender,
    target: TenderStatus,
    *,
    reason: str,
    event: str,
    by: User,
    now: datetime,
    visibility: str = Event.Visibility.PUBLIC,
) -> Tender:
    TENDER.check(tender.status, target)
    tender.status, tender.failure_reason = target, reason
    tender.save(update_fields=["status", "failure_reason"])
    record(
        tender.process,
        event,
        by=by,
        organization=tender.buyer,
        now=now,
        subject=tender,
        data={"number": tender.number, "reason": reason},
        visibility=visibility,
    )
    return tender
