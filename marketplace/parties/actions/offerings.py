"""Offer services, withdraw them, and keep every offer's state true to what the firm has to show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.catalog.models import ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.catalog.states import ServiceStatus
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused

from ..eligibility import Holdings, Verdict, holdings_of, judge, lacks_only_people
from ..models import Membership, Organization, ServiceOffering
from ..rules import is_administrator, may_act_for
from ..states import OFFERING, OfferingStatus, OrganizationStatus
from .notices import open_notice

_EVENTS = {
    OfferingStatus.LIVE: "offering_restored",
    OfferingStatus.SUSPENDED: "offering_suspended",
    OfferingStatus.CHECKING: "offering_checked_again",
    OfferingStatus.ANNOUNCED: "offering_announced",
}


def offer_service(*, organization: Organization, service: ServiceCategory, by: Any, now: datetime) -> ServiceOffering:
    """Offer one more service; see `offer_services`."""
    return offer_services(organization=organization, services=[service], by=by, now=now)[0]


@transaction.atomic
def offer_services(
    *,
    organization: Organization,
    services: Sequence[ServiceCategory],
    people_may_follow: bool = False,
    by: Any,
    now: datetime,
) -> list[ServiceOffering]:
    """Offer more services, or such again that were withdrawn.

    Live at once where no certificate is asked for, or the public notice passed before; those whose certificates are
    checked go into one public notice; the others wait for the check. With `people_may_follow` (at entry) a service that
    lacks nothing but practitioners is taken too: it stands suspended with what it lacks, until they are named.

    Refuses: not_yours (403), not_intermediary, not_active, service_cancelled, already_offered, not_qualified.
    """
    organization = lock(organization)
    _check_may_offer(organization, by)
    holdings = holdings_of([organization.pk]).get(organization.pk, Holdings())
    kinds = kinds_for(services)
    offerings, ready = [], []
    for service in services:
        if service.status == ServiceStatus.CANCELLED:
            message = _("“%(name)s”已从目录中取消。") % {"name": service.label}
            raise Invalid("service_cancelled", message, field="services")
        offering = ServiceOffering.objects.filter(organization=organization, service=service).first()
        if offering is not None and offering.status != OfferingStatus.WITHDRAWN:
            message = _("“%(name)s”已在承接范围内。") % {"name": service.label}
            raise Refused("already_offered", message, field="services")
        verdict = judge(service, holdings, offering, kinds=kinds, now=now)
        waits = people_may_follow and offering is None and lacks_only_people(service, holdings, kinds=kinds, now=now)
        if verdict.state == OfferingStatus.SUSPENDED and not waits:
            message = _("承接“%(name)s”还不够条件。%(lacking)s") % {"name": service.label, "lacking": verdict.reason}
            raise Invalid("not_qualified", message, field="services")
        if offering is None:
            offering = ServiceOffering(organization=organization, service=service, status=verdict.state, since=now)
        else:
            OFFERING.check(offering.status, verdict.state)
            offering.status, offering.since = verdict.state, now
        offering.save()
        _record(offering, "offering_added", by=by, now=now)
        offerings.append(offering)
        ready += [offering] if verdict.is_ready else []
    _announce(organization, ready, by=by, now=now)
    return offerings


@transaction.atomic
def withdraw_offering(*, offering: ServiceOffering, by: Any, now: datetime) -> ServiceOffering:
    """Offer a service no longer; what was signed goes on. Refuses: not_yours (403), state_conflict."""
    organization = lock(offering.organization)
    offering = lock(offering)
    _check_acts(organization, by)
    OFFERING.check(offering.status, OfferingStatus.WITHDRAWN)
    offering.status, offering.since = OfferingStatus.WITHDRAWN, now
    offering.save(update_fields=["status", "since"])
    _record(offering, "offering_withdrawn", by=by, now=now)
    return offering


@transaction.atomic
def announce_offerings(*, organization: Organization, by: Any = None, now: datetime) -> list[ServiceOffering]:
    """Show the public, in one notice, the offers whose certificates passed the check; return those that stand in it.

    The system itself (`by` None) may. Offers are announced once: one whose notice passed goes live without another.
    Refuses: not_yours (403).
    """
    organization = lock(organization)
    if by is not None:
        _check_acts(organization, by)
    ready = [offering for offering, verdict in _verdicts(organization, now) if verdict.is_ready]
    return _announce(organization, [one for one in ready if one.status in WAITING], by=by, now=now)


WAITING = (OfferingStatus.CHECKING, OfferingStatus.SUSPENDED)


@transaction.atomic
def refresh_offerings(*, organization: Organization, by: Any = None, now: datetime) -> list[ServiceOffering]:
    """Bring every offer's state to what the firm has to show today; return those that changed.

    What is ready for its public notice is announced.
    """
    organization = lock(organization)
    changed, ready = [], []
    for offering, verdict in _verdicts(organization, now):
        if offering.status == OfferingStatus.WITHDRAWN:
            continue
        if verdict.is_ready:
            ready.append(offering)
            continue
        state = OfferingStatus(verdict.state)
        if state == OfferingStatus.CHECKING and offering.status in (OfferingStatus.LIVE, OfferingStatus.ANNOUNCED):
            state = OfferingStatus.SUSPENDED  # a new certificate is being checked, but until then nothing valid is held
        if state == OfferingStatus.ANNOUNCED and offering.status == OfferingStatus.LIVE:
            state = OfferingStatus.SUSPENDED  # the catalog asks again for what it asked for when the notice began
        if offering.status != state:
            move_offering(offering, state, by=by, now=now)
            changed.append(offering)
    return changed + _announce(organization, ready, by=by, now=now)


def move_offering(offering: ServiceOffering, state: str, *, by: Any, now: datetime) -> None:
    """Move an offer to a state and record it, inside an action that holds the organization's lock."""
    OFFERING.check(offering.status, state)
    name = _EVENTS[OfferingStatus(state)]
    if state == OfferingStatus.LIVE and offering.status in (OfferingStatus.CHECKING, OfferingStatus.ANNOUNCED):
        name = "offering_opened"
    offering.status, offering.since = state, now
    offering.save(update_fields=["status", "since", "publicity"])
    _record(offering, name, by=by, now=now)


def _verdicts(organization: Organization, now: datetime) -> list[tuple[ServiceOffering, Verdict]]:
    rows = list(organization.offerings.select_related("service", "organization__process", "publicity").order_by("pk"))
    holdings = holdings_of([organization.pk]).get(organization.pk, Holdings())
    kinds = kinds_for([row.service for row in rows])
    return [(row, judge(row.service, holdings, row, kinds=kinds, now=now)) for row in rows]


def _announce(
    organization: Organization, ready: list[ServiceOffering], *, by: Any, now: datetime
) -> list[ServiceOffering]:
    """Put what is ready into one notice; where the calendar does not know its end, it waits for the calendar."""
    if not ready:
        return []
    try:
        notice = open_notice(organization, ready, by=by, now=now)
    except Refused as refused:
        if refused.code != "calendar_unknown":
            raise
        for offering in ready:
            if offering.status == OfferingStatus.SUSPENDED:
                move_offering(offering, OfferingStatus.CHECKING, by=by, now=now)
        return []
    for offering in ready:
        offering.publicity = notice
        move_offering(offering, OfferingStatus.ANNOUNCED, by=by, now=now)
    return ready


def _check_acts(organization: Organization, by: Any) -> None:
    if not (may_act_for(by, organization, power=Membership.Power.PROFILE) or is_administrator(by)):
        raise Forbidden("not_yours", _("您不能替“%(name)s”办理入驻资料。") % {"name": organization.name})


def _check_may_offer(organization: Organization, by: Any) -> None:
    _check_acts(organization, by)
    if not organization.is_intermediary:
        raise Refused("not_intermediary", _("请先办理中介机构入驻。"))
    if organization.status != OrganizationStatus.ACTIVE:
        raise Refused("not_active", _("“%(name)s”目前不能承接业务。") % {"name": organization.name})


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
