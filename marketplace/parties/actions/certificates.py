"""Certificates of practitioners that end, and come back; what they count for follows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Invalid
from marketplace.licences.library import Licence, Status

from ..models import Origin, PractitionerCertificate
from ..rules import is_administrator
from ..states import CERTIFICATE, CertificateStatus
from .offerings import refresh_offerings


@transaction.atomic
def end_certificate(
    *,
    certificate: PractitionerCertificate,
    by: Any = None,
    note: str = "",
    licence: Licence | None = None,
    now: datetime,
) -> PractitionerCertificate:
    """End a practitioner's certificate; offers that need the person are suspended.

    By the worker (`by` None) once it has expired, or at the word of the library (`licence`, valid no more); by an
    administrator at any time. Refuses: not_administrator (403), not_expired, state_conflict.
    """
    organization = lock(certificate.practitioner.organization)
    certificate = lock(certificate)
    today = timezone.localdate(now)
    expired = certificate.valid_until is not None and certificate.valid_until < today
    counts = licence is None or (is_valid(licence, today) and licence.concerns(organization.uscc or ""))
    if by is None and not expired and counts:
        raise Invalid("not_expired", _("这份执业证书还在有效期内。"))
    if by is not None and not is_administrator(by):
        raise Forbidden("not_administrator", _("只有平台管理机构可以终止执业证书。"))
    CERTIFICATE.check(certificate.status, CertificateStatus.ENDED)
    certificate.status = CertificateStatus.ENDED
    certificate.read_at = now if licence is not None else certificate.read_at
    certificate.save(update_fields=["status", "read_at"])
    _record(certificate, "certificate_ended", note, by=by, now=now)
    refresh_offerings(organization=organization, by=by, now=now)
    return certificate


@transaction.atomic
def renew_certificate(
    *,
    certificate: PractitionerCertificate,
    valid_until: date | None,
    by: Any = None,
    note: str = "",
    licence: Licence | None = None,
    now: datetime,
) -> PractitionerCertificate:
    """Bring a practitioner's certificate back, or give it another last day (None: without end).

    By an administrator with a note, or (`by` None) at the word of the library.
    Refuses: not_administrator (403), reason_needed, expired, licence_not_valid, state_conflict.
    """
    organization = lock(certificate.practitioner.organization)
    certificate = lock(certificate)
    today = timezone.localdate(now)
    if by is not None or licence is None:
        if not is_administrator(by):
            raise Forbidden("not_administrator", _("只有平台管理机构可以恢复执业证书。"))
        if not note.strip():
            raise Invalid("reason_needed", _("请写明恢复的依据，机构会看到。"), field="note")
    elif not (is_valid(licence, today) and licence.concerns(organization.uscc or "")):
        raise Invalid("licence_not_valid", _("证照库里这份执业证书现在无效。"))
    if valid_until is not None and valid_until < today:
        raise Invalid("expired", _("这个有效期已经过去。"), field="valid_until")
    if certificate.status != CertificateStatus.VALID:
        CERTIFICATE.check(certificate.status, CertificateStatus.VALID)
    certificate.status, certificate.valid_until = CertificateStatus.VALID, valid_until
    if licence is not None:
        certificate.identifier, certificate.origin, certificate.read_at = licence.identifier, Origin.AUTHORITY, now
    certificate.save()
    _record(certificate, "certificate_renewed", note, by=by, now=now)
    refresh_offerings(organization=organization, by=by, now=now)
    return certificate


def is_valid(licence: Licence, today: date) -> bool:
    """Tell whether a licence of the library is valid on a day."""
    return licence.status == Status.VALID and (licence.valid_until is None or licence.valid_until >= today)


def _record(certificate: PractitionerCertificate, name: str, note: str, *, by: Any, now: datetime) -> None:
    organization = certificate.practitioner.organization
    record(
        organization.process,
        name,
        by=by,
        organization=organization,
        now=now,
        subject=certificate,
        data={
            "kind": certificate.kind.code,
            "kind_name": certificate.kind.name,
            "valid_until": certificate.valid_until.isoformat() if certificate.valid_until else None,
            "note": note.strip()[:200],
        },
        visibility=Event.Visibility.PARTIES,  # who works where is not the public's
    )
