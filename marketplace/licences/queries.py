"""Reads of readings: for an organization's own page, and for how the library stands."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from .models import LicenceReading, holder_key


def readings_about(code: str) -> QuerySet[LicenceReading]:
    """Return who read licences of this holder, or read them for it: by USCC or a person's number, the newest first."""
    return LicenceReading.objects.filter(Q(holder_key=holder_key(code)) | Q(organization_code=code)).select_related(
        "by"
    )


def last_reading() -> LicenceReading | None:
    """Return the newest question that the library answered or failed to answer, None before the first."""
    return LicenceReading.objects.exclude(outcome="asked").order_by("-pk").first()
