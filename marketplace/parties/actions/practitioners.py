"""Practitioners of a firm: one person works for one firm at a time, and the register of the authority moves them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.catalog.models import QualificationKind
from marketplace.core.events import record
from marketplace.core.files import check_upload, sha256_of
from marketplace.core.locks import lock
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Invalid, Refused

from ..found import FoundPractitioner, day_of
from ..models import Organization, Origin, Practitioner, PractitionerCertificate
from ..persons import Person, identify
from ..rules import is_administrator, may_act_for
from ..states import CERTIFICATE, PRACTITIONER, CertificateStatus, PractitionerStatus
from .declarations import CERTIFICATES
from .offerings import refresh_offerings


@transaction.atomic
def add_practitioner(
    *,
    organization: Organization,
    name: str,
    number: str,
    kind: QualificationKind,
    certificate_number: str,
    discipline: str = "",
    valid_until: date | None = None,
    file: Any = None,
    by: Any,
    now: datetime,
) -> Practitioner:
    """Say that a person works here with a professional certificate; a further certificate of the same person joins it.

    `number` is the person's identity number: its HMAC and last four signs are kept, never itself. A scan (PDF, OFD, JPG,
    PNG) is welcome, not needed. Refuses: not_yours (403), person_number_*, and what `engage_practitioner` refuses.
    """
    organization = lock(organization)
    _check_member(by, organization)
    practitioner = engage_practitioner(
        organization=organization,
        name=name,
        person=identify(number),
        kind=kind,
        certificate_number=certificate_number,
        discipline=discipline,
        valid_until=valid_until,
        file=file,
        by=by,
        now=now,
    )
    refresh_offerings(organization=organization, by=by, now=now)
    return practitioner


def engage_practitioner(
    *,
    organization: Organization,
    name: str,
    person: Person,
    kind: QualificationKind,
    certificate_number: str,
    discipline: str = "",
    valid_until: date | None = None,
    file: Any = None,
    by: Any,
    now: datetime,
) -> Practitioner:
    """Write a practitioner and the certificate, inside an action that has authorised and brings the offers up to date.

    Refuses: practitioner_name_missing, kind_not_personal, certificate_number_missing, certificate_expired, file_*,
    works_elsewhere, certificate_taken.
    """
    name = " ".join(name.split())
    if not name:
        raise Invalid("practitioner_name_missing", _("请填写执业人员的姓名。"), field="name")
    if kind.holder != "person":
        message = _("“%(kind)s”由单位持有，不是个人的执业资格。") % {"kind": kind.label}
        raise Invalid("kind_not_personal", message, field="kind")
    if not certificate_number.strip():
        raise Invalid("certificate_number_missing", _("请填写执业证书的编号。"), field="certificate_number")
    if valid_until is not None and valid_until < timezone.localdate(now):
        message = _("这份执业证书已于 %(date)s 到期，请填写有效的证书。") % {"date": valid_until.isoformat()}
        raise Invalid("certificate_expired", message, field="valid_until")
    if file:
        check_upload(file, kinds=CERTIFICATES, field="file")
    practitioner = _enlist(organization, name=name, key=person.key, last4=person.last4, by=by, now=now)
    values = {
        "number": certificate_number.strip()[:60],
        "discipline": discipline.strip()[:120],
        "valid_until": valid_until,
    }
    certificate = _certify(practitioner, kind=kind, values=values)
    if file:
        certificate.sha256 = sha256_of(file)
        certificate.file.save(f"{certificate.sha256[:16]}-{file.name[-60:]}", file)
    return practitioner


def check_engagement(*, uscc: str, name: str, person: Person, kind: QualificationKind, certificate_number: str) -> None:
    """Refuse, before the firm with this code enters, what `engage_practitioner` would: works_elsewhere, certificate_taken."""
    before = Practitioner.objects.filter(person_key=person.key, status=PractitionerStatus.ACTIVE)
    if before.exclude(organization__uscc=uscc).exists():
        raise _works_elsewhere(name)
    number = certificate_number.strip()[:60]
    held = PractitionerCertificate.objects.filter(kind=kind, number=number, status=CertificateStatus.VALID)
    if held.exclude(practitioner__person_key=person.key).exists():
        raise _certificate_taken(kind, number)


@transaction.atomic
def release_practitioner(*, practitioner: Practitioner, by: Any, now: datetime) -> Practitioner:
    """Say that a person works here no longer; another firm may add them at once. Refuses: not_yours (403), state_conflict."""
    organization = lock(practitioner.organization)
    _check_member(by, organization)
    return _release(lock(practitioner), organization, by=by, now=now)


def take_practitioners(
    *, organization: Organization, practitioners: Iterable[FoundPractitioner], by: Any, now: datetime
) -> list[Practitioner]:
    """Write the practitioners whom the authority has registered at the firm; who stood elsewhere is moved.

    Part of an action that has authorised.
    """
    found = list(practitioners)
    kinds = {kind.code: kind for kind in QualificationKind.objects.filter(code__in=[one.kind for one in found])}
    taken: dict[str, Practitioner] = {}
    for one in found:
        if one.kind not in kinds:
            continue
        before = Practitioner.objects.filter(person_key=one.key, status=PractitionerStatus.ACTIVE).first()
        if before is not None and before.organization_id != organization.pk:
            _release(lock(before), before.organization, by=None, now=now)
        practitioner = _enlist(organization, name=one.name, key=one.key, last4=one.last4, by=by, now=now)
        values = {"number": one.number, "discipline": one.discipline[:120], "valid_until": day_of(one.valid_until)}
        read = {"identifier": one.identifier, "origin": Origin.AUTHORITY, "read_at": now}
        _certify(practitioner, kind=kinds[one.kind], values={**values, **read})
        taken[one.key] = practitioner
    return list(taken.values())


def _check_member(by: Any, organization: Organization) -> None:
    if not (may_act_for(by, organization) or is_administrator(by)):
        raise Forbidden("not_yours", _("您不是“%(name)s”的成员，不能替它办理。") % {"name": organization.name})


def _enlist(organization: Organization, *, name: str, key: str, last4: str, by: Any, now: datetime) -> Practitioner:
    """Return the person's row at the firm, a new one where there is none; refuse who works elsewhere."""
    before = Practitioner.objects.filter(person_key=key, status=PractitionerStatus.ACTIVE).first()
    if before is not None and before.organization_id == organization.pk:
        return before
    if before is not None:
        raise _works_elsewhere(name)
    try:
        with transaction.atomic():
            practitioner = Practitioner.objects.create(
                organization=organization, name=name[:60], person_key=key, last4=last4, joined_at=now
            )
    except IntegrityError as twice:
        raise _works_elsewhere(name) from twice
    _record(practitioner, organization, "practitioner_joined", by=by, now=now)
    return practitioner


def _works_elsewhere(name: str) -> Refused:
    message = _(
        "%(name)s目前登记在另一家机构，同一个人同一时间只能在一家机构执业。请本人联系原机构，"
        "在“我的机构—执业人员”点“离开”；注册已转到本单位的，证照库更新后会自动转入。"
    )
    return Refused("works_elsewhere", message % {"name": name}, field="number", status=422)


def _certificate_taken(kind: QualificationKind, number: str) -> Invalid:
    message = _("编号为 %(number)s 的“%(kind)s”已经登记在别人名下，请核对。") % {"number": number, "kind": kind.label}
    return Invalid("certificate_taken", message, field="certificate_number")


def _certify(practitioner: Practitioner, *, kind: QualificationKind, values: dict[str, Any]) -> PractitionerCertificate:
    number, from_library = values["number"], values.get("origin") == Origin.AUTHORITY
    before = PractitionerCertificate.objects.filter(kind=kind, number=number, status=CertificateStatus.VALID).first()
    if before is not None and before.practitioner.person_key == practitioner.person_key:
        if before.origin == Origin.AUTHORITY and not from_library:
            values = {}  # the register's word stays
        for field, value in {**values, "practitioner": practitioner}.items():
            setattr(before, field, value)
        before.save()
        return before
    if before is not None:
        if not from_library:
            raise _certificate_taken(kind, number)
        CERTIFICATE.check(before.status, CertificateStatus.ENDED)
        PractitionerCertificate.objects.filter(pk=before.pk).update(status=CertificateStatus.ENDED)
    try:
        with transaction.atomic():
            return PractitionerCertificate.objects.create(practitioner=practitioner, kind=kind, **values)
    except IntegrityError as twice:
        raise _certificate_taken(kind, number) from twice


def _release(practitioner: Practitioner, organization: Organization, *, by: Any, now: datetime) -> Practitioner:
    PRACTITIONER.check(practitioner.status, PractitionerStatus.LEFT)
    practitioner.status, practitioner.left_at = PractitionerStatus.LEFT, now
    practitioner.save(update_fields=["status", "left_at"])
    _record(practitioner, organization, "practitioner_left", by=by, now=now)
    refresh_offerings(organization=organization, by=by, now=now)
    return practitioner


def _record(practitioner: Practitioner, organization: Organization, name: str, *, by: Any, now: datetime) -> None:
    record(
        organization.process,
        name,
        by=by,
        organization=organization,
        now=now,
        subject=practitioner,
        data={"practitioner": practitioner.pk},  # the chain is for ever: no name stands in it
        visibility=Event.Visibility.PARTIES,
    )
