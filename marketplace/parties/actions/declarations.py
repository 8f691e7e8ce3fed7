"""Declare a qualification: by the firm's own word with a scan, or as the licence library has it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.catalog.models import QualificationKind
from marketplace.core.files import check_upload, sha256_of
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid

from ..models import Membership, Organization, Origin, Qualification
from ..rules import is_administrator, may_act_for
from ..states import QUALIFICATION, QualificationStatus
from .offerings import refresh_offerings
from .qualifications import record_qualification

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
    record_qualification(
        qualification, "qualification_read" if from_library else "qualification_declared", by=by, now=now
    )
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
        record_qualification(qualification, event, by=None, now=now)
        refresh_offerings(organization=qualification.organization, now=now)
