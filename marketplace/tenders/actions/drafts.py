"""Write a need down before it is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.catalog.states import ServiceStatus
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event, Process
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.models import Organization
from marketplace.tenders.models import NumberSeries, Tender
from marketplace.tenders.rules import may_post
from marketplace.tenders.states import TenderStatus

TERMS = (
    "title",
    "service",
    "services_rule",
    "project",
    "case",
    "region",
    "method",
    "money_kind",
    "fiscal_percent",
    "description",
    "delivery_days",
    "price_kind",
    "ceiling_fen",
    "floor_fen",
    "step_fen",
    "requirement",
    "minimum_credit",
    "place",
    "local_code",
    "is_urgent",
    "criteria",
    "chosen_firm",
    "ground",
    "ground_reason",
    "happened_at",
    "contact_name",
    "contact_phone",
    "complaint_phone",
    "signup_ends_at",
    "selection_at",
    "auction_ends_at",
)


@transaction.atomic
def save_draft(
    *,
    tender: Tender | None = None,
    buyer: Organization,
    values: Mapping[str, Any],
    by: User,
    now: datetime | None = None,
) -> Tender:
    """Create a draft for `buyer`, or change its terms; `values` are terms by the names of TERMS.

    Money in fen, moments aware. Refuses with `not_allowed`, `state_conflict`, or what is wrong with a term at its
    field: `ceiling_too_low`, `step_too_high`, `step_too_low`, `delivery_too_short`, `times_out_of_order`,
    `service_cancelled`, `project_of_other`, `case_of_other`.
    """
    now = now or clock.now()
    unknown = set(values) - set(TERMS)
    if unknown:
        raise TypeError(f"terms unknown to a need: {sorted(unknown)}")
    if not may_post(by, buyer):
        raise Forbidden("not_allowed", _("只有项目业主的经办人可以编辑采购需求。"))
    is_new = tender is None
    tender = Tender(buyer=buyer, created_by=by, created_at=now) if tender is None else lock(tender)
    if tender.buyer_id != buyer.pk:
        raise Forbidden("not_allowed", _("这份需求属于另一个业主，您不能修改。"))
    if tender.status != TenderStatus.DRAFT:
        raise Refused("state_conflict", _("需求已经发布，条款不能再修改。需要变更时请取消后重新发布。"))
    for name, value in values.items():
        setattr(tender, name, value)
    check_terms(tender=tender)
    if is_new:
        tender.number = NumberSeries.take(f"YT{timezone.localtime(now).year}")
        tender.process = Process.objects.create(
            ocid=f"ocds-yt360600-{tender.number}",
            kind=Process.Kind.CONTRACTING,
            title=tender.title,
            created_at=now,
        )
    else:
        Process.objects.filter(pk=tender.process_id).update(title=tender.title)
        tender.process.title = tender.title
    tender.save()
    if is_new:
        record(
            tender.process,
            "tender_drafted",
            by=by,
            organization=buyer,
            now=now,
            subject=tender,
            data={"number": tender.number, "title": tender.title},
            visibility=Event.Visibility.PRIVATE,
        )
    return tender


def check_terms(*, tender: Tender) -> None:
    """Refuse terms that could never be published, each at its field."""
    if tender.ceiling_fen <= 0:
        raise Invalid("ceiling_too_low", _("最高限价必须大于 0 元。"), field="ceiling_fen")
    if tender.step_fen <= 0:
        raise Invalid("step_too_low", _("最小降价幅度必须大于 0 元。"), field="step_fen")
    if tender.step_fen >= tender.ceiling_fen:
        raise Invalid("step_too_high", _("最小降价幅度必须小于最高限价，否则第二次报价就无法进行。"), field="step_fen")
    if tender.delivery_days < 1:
        raise Invalid("delivery_too_short", _("服务时限至少为 1 天。"), field="delivery_days")
    if tender.selection_at < tender.signup_ends_at:
        raise Invalid("times_out_of_order", _("竞价开始时间不能早于报名截止时间。"), field="selection_at")
    if tender.auction_ends_at <= tender.selection_at:
        raise Invalid("times_out_of_order", _("竞价结束时间必须晚于竞价开始时间。"), field="auction_ends_at")
    if tender.service.status == ServiceStatus.CANCELLED:
        raise Invalid("service_cancelled", _("这项中介服务已从清单中取消，不能再要求采购。"), field="service")
    if tender.project is not None and tender.project.owner_id not in {None, tender.buyer_id}:
        raise Invalid("project_of_other", _("这个项目登记在另一个业主名下，请核对项目代码。"), field="project")
    if tender.case is not None and tender.case.project_id != tender.project_id:
        raise Invalid("case_of_other", _("这个审批件不属于所选项目，请重新选择。"), field="case")
