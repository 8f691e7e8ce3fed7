"""Confirm a declared qualification or refuse it, end it, and bring it back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.licences.library import Licence, Status

from ..models import Organization, Origin, Qualification
from ..rules import is_administrator
from ..states import QUALIFICATION, QualificationStatus
from .offerings import refresh_offerings


@transaction.atomic
def confirm_qualification(
    *, qualification: Qualification, by: Any, now: datetime, note: str = "", licence: Licence | None = None
) -> Qualification:
    """Confirm a declared certificate after the department's check, or (`by` None) at the word of the licence library.

    Offers that waited for it go into their public notice. Refuses: not_administrator (403), state_conflict.
    """
    return _check(qualification, QualificationStatus.VALID, "qualification_confirmed", note, by, now, licence)


@transaction.atomic
def refuse_qualification(*, qualification: Qualification, by: Any, now: datetime, note: str) -> Qualification:
    """Refuse a declared certificate with the reason, which the firm reads.

    Refuses: not_administrator (403), reason_needed, state_conflict.
    """
    if not note.strip():
        raise Invalid("reason_needed", _("请写明核验不通过的原因，机构会看到。"), field="note")
    return _check(qualification, QualificationStatus.REFUSED, "qualification_refused", note, by, now)


def _check(
    qualification: Qualification,
    status: str,
    event: str,
    note: str,
    by: Any,
    now: datetime,
    licence: Licence | None = None,
) -> Qualification:
    organization = lock(qualification.organization)
    qualification = lock(qualification)
    is_vouched = by is None and licence is not None and vouches_for(licence, organization, now)
    if not (is_vouched or is_administrator(by)):
        raise Forbidden("not_administrator", _("只有平台管理机构可以核验资质。"))
    QUALIFICATION.check(qualification.status, status)
    qualification.status = status
    qualification.note = note.strip()[:200]
    if status == QualificationStatus.VALID:
        qualification.origin = Origin.CHECKED
    if licence is not None and is_vouched:
        take_over(qualification, licence, now)
    qualification.save()
    record_qualification(qualification, event, by=by, now=now)
    refresh_offerings(organization=organization, by=by, now=now)
    return qualification


@transaction.atomic
def end_qualification(
    *, qualification: Qualification, by: Any = None, note: str = "", licence: Licence | None = None, now: datetime
) -> Qualification:
    """End a valid certificate; exactly the offers that need it are suspended.

    By the worker (`by` None) once it has expired, or at the word of the licence library (`licence`, which is valid no
    more, or another holder's); by an administrator at any time. Refuses: not_administrator (403), not_expired, state_conflict.
    """
    organization = lock(qualification.organization)
    qualification = lock(qualification)
    expired = qualification.valid_until is not None and qualification.valid_until < timezone.localdate(now)
    if by is None and not expired and (licence is None or vouches_for(licence, organization, now)):
        raise Invalid("not_expired", _("这份资质还在有效期内。"))
    if by is not None and not is_administrator(by):
        raise Forbidden("not_administrator", _("只有平台管理机构可以终止资质。"))
    QUALIFICATION.check(qualification.status, QualificationStatus.ENDED)
    qualification.status = QualificationStatus.ENDED
    qualification.note = note.strip()[:200] or qualification.note
    qualification.read_at = now if licence is not None else qualification.read_at
    qualification.save(update_fields=["status", "note", "read_at"])
    record_qualification(qualification, "qualification_ended", by=by, now=now)
    refresh_offerings(organization=organization, by=by, now=now)
    return qualification


@transaction.atomic
def renew_qualification(
    *,
    qualification: Qualification,
    valid_until: date | None,
    by: Any = None,
    note: str = "",
    licence: Licence | None = None,
    now: datetime,
) -> Qualification:
    """Bring an ended certificate back, or give a valid one another last day (None: without end); its offers are restored.

    By an administrator with a note, or (`by` None) at the word of the licence library, from which the rest of the row is
    then taken too. Refuses: not_administrator (403), reason_needed, expired, licence_not_valid, state_conflict.
    """
    organization = lock(qualification.organization)
    qualification = lock(qualification)
    if by is not None or licence is None:
        if not is_administrator(by):
            raise Forbidden("not_administrator", _("只有平台管理机构可以恢复资质。"))
        if not note.strip():
            raise Invalid("reason_needed", _("请写明恢复的依据，机构会看到。"), field="note")
    elif not vouches_for(licence, organization, now):
        raise Invalid("licence_not_valid", _("证照库里这份证照现在无效，或者不属于这家机构。"))
    if valid_until is not None and valid_until < timezone.localdate(now):
        raise Invalid("expired", _("这个有效期已经过去。"), field="valid_until")
    if qualification.status == QualificationStatus.DECLARED:
        raise Refused("state_conflict", _("这份资质还在等待核验，请先核验。"))
    if qualification.status != QualificationStatus.VALID:
        QUALIFICATION.check(qualification.status, QualificationStatus.VALID)
    qualification.status, qualification.valid_until = QualificationStatus.VALID, valid_until
    qualification.note = note.strip()[:200]
    if licence is not None:
        take_over(qualification, licence, now)
    qualification.save()
    record_qualification(qualification, "qualification_renewed", by=by, now=now)
    refresh_offerings(organization=organization, by=by, now=now)
    return qualification


def vouches_for(licence: Licence, organization: Organization, now: datetime) -> bool:
    """Tell whether a licence of the library is valid on this day, and this organization's."""
    lasts = licence.valid_until is None or licence.valid_until >= timezone.localdate(now)
    return licence.status == Status.VALID and lasts and licence.holder_code == organization.uscc


def take_over(qualification: Qualification, licence: Licence, now: datetime) -> None:
    """Write onto a certificate what the library says of it; a grade that its kind does not know stays as it was."""
    grade = licence.fields.get("grade", "")
    qualification.grade = grade if grade in qualification.kind.grades else qualification.grade
    qualification.scope = licence.fields.get("scope", qualification.scope)[:200]
    number = licence.number[:60]
    if not Qualification.objects.filter(kind=qualification.kind, number=number).exclude(pk=qualification.pk).exists():
        qualification.number = number
    qualification.identifier, qualification.issuer = licence.identifier, licence.issuer[:120]
    qualification.issued_on, qualification.valid_until = licence.issued_on, licence.valid_until
    qualification.origin, qualification.read_at = Origin.AUTHORITY, now


def record_qualification(qualification: Qualification, name: str, *, by: Any, now: datetime) -> None:
    """Record an event about a certificate, with what it says."""
    record(
        qualification.organization.process,
        name,
        by=by,
        organization=qualification.organization,
        now=now,
        subject=qualification,
        data={
            "kind": qualification.kind.code,
            "kind_name": qualification.kind.name,
            "grade": qualification.grade,
            "number": qualification.number,
            "valid_until": qualification.valid_until.isoformat() if qualification.valid_until else None,
            "sha256": qualification.sha256,
            "note": qualification.note,
        },
    )
