"""Write a need down before it is published: from nothing, from a template, from an earlier need, or one posted again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.catalog.models import ServiceCategory
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event, Process
from marketplace.core.refusals import Forbidden, Refused
from marketplace.parties.models import Organization
from marketplace.tenders.models import (
    Avoidance,
    Invitation,
    Method,
    MoneyKind,
    NumberSeries,
    Tender,
    TenderDocument,
    TenderTemplate,
    TermsInput,
)
from marketplace.tenders.queries.schedule import default_times
from marketplace.tenders.rules import may_post, runs_for_owner, services_of
from marketplace.tenders.states import TenderStatus

from .rule_sets import frozen_rules
from .terms import TERMS, check_terms, settle

MORE = "more_services"
AGAIN = frozenset({TenderStatus.FAILED, TenderStatus.CANCELLED, TenderStatus.VOID})


@transaction.atomic
def save_draft(
    *,
    tender: Tender | None = None,
    buyer: Organization,
    values: Mapping[str, Any],
    by: User,
    now: datetime | None = None,
) -> Tender:
    """Create a draft for `buyer`, or change its terms; `values` are terms by the names of TERMS and "more_services".

    Money in fen, moments aware, services as rows. What the method does not use becomes empty (terms.settle). What was kept
    of the form (TermsInput) is deleted. Refuses with `not_allowed`, `state_conflict`, or at its field what
    terms.check_terms refuses, such as `ceiling_too_low`, `floor_above_ceiling`, `times_out_of_order`, `criteria_sum`,
    `firm_not_able`, `above_direct_limit`, `service_cancelled`, `project_of_other`.
    """
    now = now or clock.now()
    unknown = set(values) - {*TERMS, MORE}
    if unknown:
        raise TypeError(f"terms unknown to a need: {sorted(unknown)}")
    _authorize(by, buyer)
    is_new = tender is None
    tender = Tender(buyer=buyer, created_by=by, created_at=now) if tender is None else lock(tender)
    if tender.buyer_id != buyer.pk:
        raise Forbidden("not_allowed", _("这份需求属于另一个业主，您不能修改。"))
    if tender.status != TenderStatus.DRAFT:
        raise Refused("state_conflict", _("需求已经发布，条款只能以变更公告的方式修改。"))
    if values.get("money_kind", MoneyKind.FISCAL) != MoneyKind.FISCAL and "fiscal_percent" not in values:
        tender.fiscal_percent = 0
    for name in TERMS:
        if name in values:
            setattr(tender, name, values[name])
    settle(tender=tender, now=now)
    further = _further(tender, values, is_new=is_new)
    _set, rules = frozen_rules(tender=tender, now=now)
    check_terms(tender=tender, services=[tender.service, *further], rules=rules)
    if is_new:
        _begin(tender, now)
    else:
        Process.objects.filter(pk=tender.process_id).update(title=tender.title)
        tender.process.title = tender.title
        tender.save()
    tender.more_services.set(further)
    TermsInput.objects.filter(organization=buyer, user=by, tender=None if is_new else tender).delete()
    if is_new:
        _record_draft(tender, by, now)
    return tender


@transaction.atomic
def copy_tender(*, tender: Tender, by: User, now: datetime | None = None) -> Tender:
    """Make a new draft with the terms and files of an earlier need of the same owner; times are set anew.

    The draft is checked when it is saved or published. Refuses with `not_allowed`.
    """
    return _again(tender, by, now or clock.now(), former=None)


@transaction.atomic
def repost_tender(*, tender: Tender, by: User, now: datetime | None = None) -> Tender:
    """Make a new draft that posts again 再次采购 a need that failed, was cancelled or declared void.

    Firms kept out or invited come along. That it follows the former need is told to the public when it is published.
    After one failure the conditions stay (`former_terms` when saving); after two they may be relaxed, the method changed,
    or a firm that had signed up be named. Refuses with `not_allowed`, `state_conflict`, `already_reposted`.
    """
    tender = lock(tender)
    _authorize(by, tender.buyer)
    if tender.status not in AGAIN or tender.published_at is None:
        raise Refused("state_conflict", _("只有未成交、已取消或被置为无效的需求可以再次采购。"))
    if tender.successors.exclude(status=TenderStatus.CANCELLED, published_at=None).exists():
        raise Refused("already_reposted", _("这份需求已经再次采购，请在“我的需求”中继续办理。"))
    draft = _again(tender, by, now or clock.now(), former=tender)
    for model in (Avoidance, Invitation):
        for row in model._default_manager.filter(tender=tender).order_by("pk"):
            row.pk, row.tender = None, draft
            row.save(force_insert=True)
    return draft


@transaction.atomic
def start_from_template(
    *, template: TenderTemplate, buyer: Organization, values: Mapping[str, Any], by: User, now: datetime | None = None
) -> Tender:
    """Create a draft from a template and what it does not say: price, place, contact, times. `values` go before it.

    Refuses as save_draft does.
    """
    return save_draft(buyer=buyer, values={**template_values(template), **values}, by=by, now=now)


def template_values(template: TenderTemplate) -> dict[str, Any]:
    """Return the terms that a template says."""
    return {
        "service": template.service,
        "method": template.method,
        "description": template.description,
        "requirement": template.requirement,
        "delivery_days": template.delivery_days,
        "criteria": template.criteria,
    }


def terms_copied(tender: Tender, now: datetime) -> dict[str, Any]:
    """Return a need's terms as those of a new one: times begin anew, the project stays."""
    values = {name: getattr(tender, name) for name in TERMS}
    times = {"signup_ends_at": now, "selection_at": now, "auction_ends_at": None}
    days = int(tender.rules.get("signup_working_days", 3))
    return {**values, **times, **default_times(now, method=Method(tender.method), days=days)}


def _again(tender: Tender, by: User, now: datetime, *, former: Tender | None) -> Tender:
    _authorize(by, tender.buyer)
    if not runs_for_owner(by, tender):
        raise Forbidden("not_allowed", _("只能复制本单位的需求。"))
    draft = Tender(buyer=tender.buyer, created_by=by, created_at=now, former=former, **terms_copied(tender, now))
    settle(tender=draft, now=now)
    _begin(draft, now)
    draft.more_services.set(tender.more_services.all())
    for document in tender.documents.order_by("pk"):
        _copy_document(document, draft, now)
    _record_draft(draft, by, now)
    return draft


def _copy_document(document: TenderDocument, draft: Tender, now: datetime) -> None:
    with document.file.open("rb") as content:
        file = ContentFile(content.read(), name=document.name)
    TenderDocument.objects.create(
        tender=draft, name=document.name, file=file, sha256=document.sha256, size=document.size, uploaded_at=now
    )


def _authorize(by: User, buyer: Organization) -> None:
    if not may_post(by, buyer):
        raise Forbidden("not_allowed", _("只有项目业主的经办人可以编辑采购需求。"))


def _further(tender: Tender, values: Mapping[str, Any], *, is_new: bool) -> list[ServiceCategory]:
    """Return the services beside the main one: those given, else those that the draft has."""
    if MORE in values:
        rows = {service.pk: service for service in values[MORE] or ()}
        rows.pop(tender.service_id, None)
        return list(rows.values())
    return [] if is_new else [one for one in services_of(tender)[1:] if one.pk != tender.service_id]


def _begin(tender: Tender, now: datetime) -> None:
    """Give a new draft its number and its process."""
    tender.number = NumberSeries.take(f"YT{timezone.localtime(now).year}")
    tender.process = Process.objects.create(
        ocid=f"ocds-yt360600-{tender.number}",
        kind=Process.Kind.CONTRACTING,
        title=tender.title,
        created_at=now,
    )
    tender.save()


def _record_draft(tender: Tender, by: User, now: datetime) -> None:
    record(
        tender.process,
        "tender_drafted",
        by=by,
        organization=tender.buyer,
        now=now,
        subject=tender,
        data={"number": tender.number, "title": tender.title}
        | ({"former": tender.former.number} if tender.former else {}),
        visibility=Event.Visibility.PRIVATE,
    )
