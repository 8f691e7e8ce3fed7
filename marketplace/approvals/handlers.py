"""Carry states and results of needs with a project back to the approval platform."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from marketplace.contracts.models import Deliverable, Milestone
from marketplace.contracts.states import DeliverableStatus
from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.worker import due
from marketplace.tenders.models import Tender

from .actions import owe_push, send_push
from .models import Push
from .queries import due_pushes

# Event to (code, word): the word is the platform's own (办理状态), sent as it is whoever reads.
STATES = {
    "tender_published": ("published", "待选取中介机构"),
    "tender_failed": ("failed", "选取未成功，待重新选取"),
    "tender_cancelled": ("cancelled", "业主取消选取"),
    "tender_voided": ("void", "选取已置为无效"),
    "award_confirmed": ("awarded", "已选取，待签订合同"),
    "contract_activated": ("contracted", "中介服务中"),
    "contract_completed": ("completed", "中介服务完成"),
}
BATCH = 50


@on(*STATES)
def tell_state(event: Event) -> None:
    """Owe the platform a row of SPGL_ZJFWSXBLGCXXB for each state."""
    tender = _tender(event)
    if tender is None or tender.published_at is None:
        return
    code, word = STATES[event.name]
    payload = {
        **_row(event, tender),
        "ztbm": code,
        "blzt": word,
        "blr": tender.buyer.name,
        "blyj": str(event.data.get("reason", "")),
        "blsj": _moment(event.at),
    }
    owe_push(event=event, tender=tender, kind=Push.Kind.STATE, word=word, payload=payload)


@on("award_confirmed")
def tell_service(event: Event) -> None:
    """Owe the platform the row of SPGL_ZJFWSXBLXXB: which firm does what, for whom, by when."""
    tender = _tender(event)
    if tender is None:
        return
    award = tender.awards.filter(status="confirmed").select_related("organization").first()
    if award is None:
        return
    payload = {
        **_row(event, tender),
        "zjfwsxmc": tender.service.name,
        "zjfwsxbm": tender.service.code,
        "blsx": tender.delivery_days,
        "sxlx": "自然日",
        "zjjgdm": award.organization.uscc or "",
        "zjjgmc": award.organization.name,
        "wtr": tender.buyer.name,
        "wtrdm": tender.buyer.uscc or "",
        "amount_fen": award.amount_fen,
    }
    owe_push(event=event, tender=tender, kind=Push.Kind.SERVICE, word=award.organization.name[:80], payload=payload)


@on("milestone_accepted")
def tell_result(event: Event) -> None:
    """Owe the platform an accepted result: which file it is, not the file."""
    tender = _tender(event)
    if tender is None:
        return
    accepted = Deliverable.objects.filter(milestone__contract__tender=tender, status=DeliverableStatus.ACCEPTED)
    if event.subject_type == Milestone._meta.label_lower:
        accepted = accepted.filter(milestone_id=int(event.subject_id))
    deliverable = (
        accepted.select_related("milestone__contract__supplier").order_by("-milestone__accepted_at", "-pk").first()
    )
    if deliverable is None:
        return
    supplier = deliverable.milestone.contract.supplier
    payload = {
        "project_code": tender.project.code if tender.project else "",
        "case_number": tender.case.number if tender.case else "",
        "service_code": tender.service.code,
        "service_name": tender.service.name,
        "tender_number": tender.number,
        "contract_number": deliverable.milestone.contract.number,
        "milestone": deliverable.milestone.title,
        "firm_uscc": supplier.uscc or "",
        "firm_name": supplier.name,
        "file_name": deliverable.name,
        "sha256": deliverable.sha256,
        "size": deliverable.size,
        "accepted_at": _moment(event.at),
    }
    owe_push(event=event, tender=tender, kind=Push.Kind.RESULT, word=deliverable.name[:80], payload=payload)


@due("approval_pushes")
def send_due(now: datetime) -> int:
    """Send what the platform is owed; stop at the first failure of reach, so that a dead neighbour costs one time-out."""
    done = 0
    for push in due_pushes(now)[:BATCH]:
        sent = send_push(push=push, now=now)
        done += 1
        if sent.status == "waiting":
            break
    return done


def _tender(event: Event) -> Tender | None:
    return (
        Tender.objects.select_related("project", "case", "service", "region", "buyer", "process")
        .filter(process=event.process_id, project__isnull=False)
        .first()
    )


def _row(event: Event, tender: Tender) -> dict[str, Any]:
    """Return the columns that both tables share."""
    return {
        "dfsjzj": event.hash,
        "xzqhdm": tender.region.code,
        "xmdm": tender.project.code if tender.project else "",
        "zjfwsxslbm": tender.number,
        "spsxslbm": tender.case.number if tender.case else "",
        "sjyxbs": 1,
    }


def _moment(moment: datetime) -> str:
    return localtime(moment).strftime("%Y-%m-%d %H:%M:%S")
