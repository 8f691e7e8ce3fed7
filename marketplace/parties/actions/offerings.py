"""Offer a service, withdraw it, and keep every offer's state true to the firm's qualifications."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.catalog.models import ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.catalog.requirements import lacking
from marketplace.catalog.states import ServiceStatus
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused

from ..models import Organization, ServiceOffering
from ..rules import held, is_administrator, may_act_for
from ..states import OFFERING, OfferingStatus, OrganizationStatus, QualificationStatus

_EVENTS = {
    OfferingStatus.LIVE: "offering_restored",
    OfferingStatus.SUSPENDED: "offering_suspended",
    OfferingStatus.CHECKING: "offering_checked_again",
}


def offering_state(organization: Organization, service: ServiceCategory, *, now: datetime) -> str:
    """Return LIVE, CHECKING (what is declared would do) or SUSPENDED (something is lacking) for a firm and service."""
    if not service.requirement:
        return OfferingStatus.LIVE
    today, kinds = timezone.localdate(now), kinds_for([service])
    rows = list(organization.qualifications.select_related("kind"))
    if not lacking(service.requirement, held(rows), today, kinds=kinds):
        return OfferingStatus.LIVE
    hoped = held(rows, QualificationStatus.VALID, QualificationStatus.DECLARED)
    if not lacking(service.requirement, hoped, today, kinds=kinds):
        return OfferingStatus.CHECKING
    return OfferingStatus.SUSPENDED


def lacks(organization: Organization, service: ServiceCategory, *, now: datetime) -> str:
    """Return what is lacking even when everything declared is counted, "" when nothing is."""
    rows = organization.qualifications.select_related("kind")
    hoped = held(rows, QualificationStatus.VALID, QualificationStatus.DECLARED)
    return lacking(service.requirement, hoped, timezone.localdate(now), kinds=kinds_for([service]))


@transaction.atomic
def offer_service(*, organization: Organization, service: ServiceCategory, by: Any, now: datetime) -> ServiceOffering:
    """Offer one more service, or one again that was withdrawn; live at once when nothing is left to check.

    Refuses: not_yours (403), not_intermediary, not_active, service_cancelled, already_offered, not_qualified.
    """
    organization = lock(organization)
    if not (may_act_for(by, organization) or is_administrator(by)):
        raise Forbidden("not_yours", _("您不是“%(name)s”的成员，不能替它办理。") % {"name": organization.name})
    if not organization.is_intermediary:
        raise Refused("not_intermediary", _("请先办理中介机构入驻。"))
    if organization.status != OrganizationStatus.ACTIVE:
        raise Refused("not_active", _("“%(name)s”目前不能承接业务。") % {"name": organization.name})
    if service.status == ServiceStatus.CANCELLED:
        message = _("“%(name)s”已从目录中取消。") % {"name": service.label}
        raise Invalid("service_cancelled", message, field="services")
    offering = ServiceOffering.objects.filter(organization=organization, service=service).first()
    if offering is not None and offering.status != OfferingStatus.WITHDRAWN:
        message = _("“%(name)s”已在承接范围内。") % {"name": service.label}
        raise Refused("already_offered", message, field="services")
    state = offering_state(organization, service, now=now)
    if state == OfferingStatus.SUSPENDED:
        message = _("承接“%(name)s”还不够条件。%(lacking)s") % {
            "name": service.label,
            "lacking": lacks(organization, service, now=now),
        }
        raise Invalid("not_qualified", message, field="services")
    if offering is None:
        offering = ServiceOffering.objects.create(organization=organization, service=service, status=state, since=now)
    else:
        OFFERING.check(offering.status, state)
        offering.status, offering.since = state, now
        offering.save(update_fields=["status", "since"])
    _record(offering, "offering_added", by=by, now=now)
    return offering


@transaction.atomic
def withdraw_offering(*, offering: ServiceOffering, by: Any, now: datetime) -> ServiceOffering:
    """Offer a service no longer; what was signed goes on. Refuses: not_yours (403), state_conflict."""
    organization = lock(offering.organization)
    offering = lock(offering)
    if not (may_act_for(by, organization) or is_administrator(by)):
        raise Forbidden("not_yours", _("您不是“%(name)s”的成员，不能替它办理。") % {"name": organization.name})
    OFFERING.check(offering.status, OfferingStatus.WITHDRAWN)
    offering.status, offering.since = OfferingStatus.WITHDRAWN, now
    offering.save(update_fields=["status", "since"])
    _record(offering, "offering_withdrawn", by=by, now=now)
    return offering


@transaction.atomic
def refresh_offerings(*, organization: Organization, by: Any = None, now: datetime) -> list[ServiceOffering]:
    """Bring every offer's state to what the firm's qualifications allow today; return those that changed."""
    organization = lock(organization)
    changed = []
    for offering in organization.offerings.select_related("service", "organization__process").order_by("pk"):
        state = offering_state(organization, offering.service, now=now)
        if offering.status in (state, OfferingStatus.WITHDRAWN):
            continue
        if offering.status == OfferingStatus.LIVE and state == OfferingStatus.CHECKING:
            state = OfferingStatus.SUSPENDED  # a new certificate is being checked, but until then nothing valid is held
        OFFERING.check(offering.status, state)
        offering.status, offering.since = state, now
        offering.save(update_fields=["status", "since"])
        changed.append(offering)
        _record(offering, _EVENTS[OfferingStatus(state)], by=by, now=now)
    return changed


def _record(offering: ServiceOffering, name: str, *, by: Any, now: datetime) -> None:
    record(
        offering.organization.process,
        name,
        by=by,
        organization=offering.organization,
        now=now,
        subject=offering,
        data={
            "service": offering.service.code,
            "service_name": offering.service.name,
            "status": str(offering.status),
        },
    )
