"""Keep, adjust and cancel a service of the list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Invalid

from ..models import ServiceCategory
from ..states import SERVICE, ServiceStatus
from .process import catalog_process, check_curator


def _set_status(
    service: ServiceCategory, status: str, reason: str, by: Any, now: datetime, since: date | None
) -> ServiceCategory:
    with transaction.atomic():
        service = lock(service)
        check_curator(by)
        if not reason.strip():
            raise Invalid("reason_needed", _("请写明调整的依据，它会公开。"), field="reason")
        SERVICE.check(service.status, status)
        service.status, service.status_source = status, reason.strip()[:300]
        service.status_date = since or timezone.localdate(now)
        service.save(update_fields=["status", "status_source", "status_date"])
        data = {"code": service.code, "name": service.name, "status": str(status), "reason": reason.strip()}
        record(catalog_process(now=now), "service_changed", by=by, now=now, subject=service, data=data)
    return service


def keep_service(
    *, service: ServiceCategory, reason: str, by: Any, now: datetime, since: date | None = None
) -> ServiceCategory:
    """Put a service back on the list, from today or the day `since`; the reason is public.

    Refuses: not_administrator, reason_needed, state_conflict.
    """
    return _set_status(service, ServiceStatus.KEPT, reason, by, now, since)


def adjust_service(
    *, service: ServiceCategory, reason: str, by: Any, now: datetime, since: date | None = None
) -> ServiceCategory:
    """Mark a service as adjusted by a newer list. Refuses: not_administrator, reason_needed, state_conflict."""
    return _set_status(service, ServiceStatus.ADJUSTED, reason, by, now, since)


def cancel_service(
    *, service: ServiceCategory, reason: str, by: Any, now: datetime, since: date | None = None
) -> ServiceCategory:
    """Take a service off the list: no new need or offer. Refuses: not_administrator, reason_needed, state_conflict."""
    return _set_status(service, ServiceStatus.CANCELLED, reason, by, now, since)
