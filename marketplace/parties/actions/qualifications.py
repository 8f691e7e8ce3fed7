"""Declare a qualification, confirm or refuse it, end it, and bring it back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.catalog.models import QualificationKind
from marketplace.core.events import record
from marketplace.core.files import check_upload, sha256_of
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.licences.library import Licence, Status

from ..models import Membership, Organization, Origin, Qualification
from ..rules import is_administrator, may_act_for
from ..states import QUALIFICATION, QualificationStatus
from .offerings import refresh_offerings

CERTIFICATES = ("pdf", "ofd", "jpg", "png")


def check_declaration(
    *, kind: QualificationKind, grade: str, number: str, valid_until: date | None, file: Any, today: date
) -> None:
    """Refuse what cannot be a certificate: grade_missing, grade_unknown, number_missing, expired, file_*."""
    if kind.grades and not grade:
        raise Invalid("grade_missing", _("请选择“%(kind)s”的等级。") % {"kind": kind.label}, field="grade")
    if grade and grade not in kind.grades:
        message = _("“%(kind)s”没有“%(grade)s”这个等级。") % {"kind": kind.label, "grade": grade}
        raise Invalid("grade_unknown", message, field="grade")
    if not number.strip():
        raise Invalid("number_missing", _("请填写“%(kind)s”的证书编号。") % {"kind": kind.label}, field="number")
    if len(number.strip()) > 60:
        raise Invalid("number_long", _("证书编号最多 60 个字。"), field="number")
    if valid_until is not None and valid_until < today:
        message = _("“%(kind)s”已于 %(date)s 到期，请填写有效的证书。")
        raise Invalid("expired", message % {"kind": kind.label, "date": valid_until.isoformat()}, field="valid_until")
    if file:
        check_upload(file, kinds=CERTIFICATES, field="file")


@transaction.atomic
def declare_qualification(
    *,
    organization: Organization,
    kind: QualificationKind,
    number: str,
    by: Any,
    now: datetime,
    grade: str = "",
    scope: str = "",
    valid_until: date | None = None,
    file: Any = None,
) -> Qualification:
    """Declare a certificate; it waits for an administrator's check. A scan (PDF, OFD, JPG, PNG) is welcome, not needed.

    Refuses: not_yours (403), number_taken, and what `check_declaration` refuses.
    """
    organization = lock(organization)
    if not (may_act_for(by, organization, power=Membership.Power.PROFILE) or is_administrator(by)):
        raise Forbidden("not_yours", _("您不是“%(name)s”的成员，不能替它办理。") % {"name": organization.name})
    qualification = add_qualification(
        organization=organization,
        by=by,
        now=now,
        kind=kind,
        number=number,
        grade=grade,
        scope=scope,
        valid_until=valid_until,
        file=file,
    )
    refresh_offerings(organization=organization, by=by, now=now)
    return qualification


def add_qualification(
    *,
    organization: Organization,
    by: Any,
    now: datetime,
    kind: QualificationKind,
    number: str,
    grade: str = "",
    scope: str = "",
    valid_until: date | None = None,
    file: Any = None,
    identifier: str = "",
    issuer: str = "",
    issued_on: date | None = None,
    origin: str = Origin.DECLARED,
    read_at: datetime | None = None,
) -> Qualification:
    """Write a certificate and its event, inside an action that has authorised already.

    What was read in the licence library (`origin` AUTHORITY, `read_at` when) is valid at once; all else is declared.
    """
    today = timezone.localdate(now)
    from_library = origin == Origin.AUTHORITY
    check_declaration(kind=kind, grade=grade, number=number, valid_until=valid_until, file=file, today=today)
    qualification = Qualification(
        organization=organization,
        kind=kind,
        grade=grade,
        scope=scope.strip()[:200],
        number=number.strip(),
        valid_until=valid_until,
        sha256=sha256_of(file) if file else "",
        identifier=identifier,
        issuer=issuer[:120],
        issued_on=issued_on,
        origin=origin,
        read_at=read_at,
        status=QualificationStatus.VALID if from_library else QualificationStatus.DECLARED,
    )
    taken = Invalid(
        "number_taken",
        _("编号为 %(number)s 的“%(kind)s”已经登记过。编号无误的，请联系平台管理机构核对。")
        % {"number": number.strip(), "kind": kind.label},
        field="number",
    )
    earlier = Qualification.objects.filter(kind=kind, number=qualification.number).first()
    if earlier is not None:
        again = earlier.organization_id == organization.pk and earlier.status in (
            QualificationStatus.REFUSED,
            QualificationStatus.ENDED,
        )
        claimed = from_library and earlier.origin != Origin.AUTHORITY and earlier.organization_id != organization.pk
        if claimed:
            _displace(earlier, holder=organization, now=now)
        elif not again:
            raise taken
        # The same firm declares it again after a refusal or an end, or somebody had declared another's certificate:
        # the old row keeps its history under a marked number.
        Qualification.objects.filter(pk=earlier.pk).update(number=f"{earlier.number[:44]}#{earlier.pk}")
    if file:
        qualification.file.save(f"{qualification.sha256[:16]}-{file.name[-60:]}", file, save=False)
    try:
        with transaction.atomic():
            qualification.save()
    except IntegrityError as twice:
        raise taken from twice
    _record(qualification, "qualification_read" if from_library else "qualification_declared", by=by, now=now)
    return qualification


def _displace(qualification: Qualification, *, holder: Organization, now: datetime) -> None:
    """Take from a firm a certificate that it declared and that the library knows as another's."""
    note = _("证照库显示这份证书的持有人是“%(name)s”。") % {"name": holder.name}
    declared = qualification.status == QualificationStatus.DECLARED
    if declared or qualification.status == QualificationStatus.VALID:
        status = QualificationStatus.REFUSED if declared else QualificationStatus.ENDED
        QUALIFICATION.check(qualification.status, status)
        qualification.status, qualification.note = status, note[:200]
        qualification.save(update_fields=["status", "note"])
        event = "qualification_refused" if declared else "qualification_ended"
        _record(qualification, event, by=None, now=now)
        refresh_offerings(organization=qualification.organization, now=now)


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
    _record(qualification, event, by=by, now=now)
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
    _record(qualification, "qualification_ended", by=by, now=now)
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
    _record(qualification, "qualification_renewed", by=by, now=now)
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


def _record(qualification: Qualification, name: str, *, by: Any, now: datetime) -> None:
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
