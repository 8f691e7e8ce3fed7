"""Public notices 公示 of offers: opened with what they show, and their clock in working days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from marketplace.catalog.requirements import codes_of
from marketplace.core.events import record
from marketplace.core.models import Event
from marketplace.core.workdays import SHANGHAI, add_working_days, deadline, is_working_day

from ..models import Organization, PractitionerCertificate, Publicity, ServiceOffering
from ..states import CertificateStatus, PractitionerStatus, QualificationStatus

WORKING_DAYS = 3  # the issue and domain.md 1.2: trade is allowed after three working days of public notice


def open_notice(
    organization: Organization, offerings: Sequence[ServiceOffering], *, by: Any, now: datetime
) -> Publicity:
    """Open the notice of some offers, inside an action that holds the organization's lock.

    Refuses with calendar_unknown where the calendar does not know the days.
    """
    rules = {"working_day_seconds": settings.WORKING_DAY_SECONDS}
    notice = Publicity.objects.create(
        organization=organization,
        starts_at=now,
        ends_at=deadline(now, WORKING_DAYS, rules),
        shown=what_to_show(organization, offerings),
    )
    data = {"ends_at": notice.ends_at.isoformat(), "services": [one["code"] for one in notice.shown["services"]]}
    data["certificates"] = [one["number"] for one in notice.shown["certificates"]]
    record_notice(notice, "publicity_opened", by=by, now=now, data=data)
    return notice


def what_to_show(organization: Organization, offerings: Sequence[ServiceOffering]) -> dict[str, Any]:
    """Return what a notice shows: the services, and the valid certificates that they rest on.

    Of a practitioner the public reads the profession and the first character of the name.
    """
    services = [one.service for one in offerings]
    codes = {code for service in services for code in codes_of(service.requirement)}
    held = organization.qualifications.filter(status=QualificationStatus.VALID, kind__code__in=codes)
    people = PractitionerCertificate.objects.filter(
        practitioner__organization=organization,
        practitioner__status=PractitionerStatus.ACTIVE,
        status=CertificateStatus.VALID,
        kind__code__in=codes,
    )
    return {
        "services": [{"code": one.code, "name": one.name} for one in services],
        "certificates": [
            {
                "id": row.pk,
                "kind": row.kind.code,
                "kind_name": row.kind.name,
                "grade": row.grade,
                "scope": row.scope,
                "number": row.number,
                "issuer": row.issuer,
                "valid_until": row.valid_until.isoformat() if row.valid_until else None,
                "origin": row.origin,
            }
            for row in held.select_related("kind").order_by("kind__code", "pk")
        ],
        "practitioners": [
            {"id": row.pk, "kind": row.kind.code, "kind_name": row.kind.name, "name": f"{row.practitioner.name[:1]}**"}
            for row in people.select_related("kind", "practitioner").order_by("kind__code", "pk")
        ],
    }


def end_after_hold(notice: Publicity, now: datetime) -> datetime:
    """Return when a notice that was held from `held_at` ends if it goes on now: what was left of its days is given again.

    Whole days count: whatever was left of the day on which the clock stopped lasts to the end of a working day, today at the
    earliest. Refuses with calendar_unknown where the calendar does not know the days.
    """
    assert notice.held_at is not None
    if settings.WORKING_DAY_SECONDS:
        return now + (notice.ends_at - notice.held_at)
    day, last = notice.held_at.astimezone(SHANGHAI).date(), notice.ends_at.astimezone(SHANGHAI).date()
    left = 1
    while (day := day + timedelta(days=1)) < last:  # the end is 24:00 of the day before `last`
        left += is_working_day(day)
    return add_working_days(now - timedelta(days=1), left)


def record_notice(
    notice: Publicity,
    name: str,
    *,
    by: Any,
    now: datetime,
    data: dict[str, Any],
    visibility: str = Event.Visibility.PUBLIC,
) -> None:
    """Write an event about a notice into the firm's process."""
    record(
        notice.organization.process,
        name,
        by=by,
        organization=notice.organization,
        now=now,
        subject=notice,
        data={"publicity": notice.pk, **data},
        visibility=visibility,
    )
