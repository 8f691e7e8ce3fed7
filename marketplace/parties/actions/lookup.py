"""Look a code or a certificate up in the licence library, before anybody is asked to type what it knows."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.catalog.models import QualificationKind
from marketplace.core.pace import Buckets
from marketplace.core.refusals import Invalid, Refused
from marketplace.licences import library
from marketplace.licences.library import LibraryUnavailable, Licence, Status

from ..found import Answer, Found, FoundCertificate, FoundPractitioner
from ..models import Organization
from ..persons import person_key
from ..uscc import kind_of

ENTRY_REASON = "办理入驻，核对主体和资质信息"
CERTIFICATE_REASON = "办理入驻，核对所填的资质证书"
READ = ("name", "kind", "region", "address", "legal_representative")  # what the business licence says of a party

_pace = Buckets(rate=1 / 60, burst=30)  # a person may look up so many codes at once, then one a minute


def has_library() -> bool:
    """Tell whether this marketplace is connected to a licence library at all."""
    return bool(settings.LICENCE_LIBRARY_URL)


def look_up(
    *, code: str, by: Any, organization: Organization | None = None, reason: str = ENTRY_REASON, now: datetime
) -> Found:
    """Ask the library what it knows of a normalised code; every question is kept by the licences chapter.

    A library that is absent, slow or broken is an answer as well: one goes on by hand. Call it outside of transactions.
    `by` None is the worker. Refuses: too_many_lookups (429).
    """
    if by is not None and not _pace.take(by.pk):
        raise Refused("too_many_lookups", _("查询太频繁，请过几分钟再试。"), status=429)
    began = time.monotonic()
    try:
        licences = library.licences_of(code, reason=reason, by=by, organization=organization, now=now)
    except LibraryUnavailable as unavailable:
        absent = unavailable.code == "library_absent"
        return Found(code=code, answer=Answer.ABSENT if absent else Answer.DOWN)
    return replace(_read(code, licences, now), seconds=round(time.monotonic() - began, 3))


def check_standing(found: Found) -> None:
    """Refuse a party whose business licence the library calls cancelled, suspended or expired."""
    words = {
        Status.CANCELLED: _("证照库显示“%(name)s”的登记已注销，不能办理。"),
        Status.SUSPENDED: _("证照库显示“%(name)s”的登记证照被暂扣，恢复后才能办理。"),
        Status.EXPIRED: _("证照库显示“%(name)s”的登记证照已过期，请先到登记机关换照。"),
    }
    if found.standing:
        message = words[Status(found.standing)] + _("情况不符的，请联系登记机关更正。")
        raise Invalid(f"licence_{found.standing}", message % found.values, field="uscc")


def read_certificate(
    *,
    identifier: str,
    code: str,
    kind: QualificationKind,
    by: Any,
    organization: Organization | None = None,
    now: datetime,
) -> FoundCertificate | None:
    """Return the certificate of `kind` under a 证照标识, held by `code`; None when the library cannot be asked now.

    Call it outside of transactions. Refuses at the field `identifier`: identifier_* (form, check character),
    licence_unknown, licence_other_holder, identifier_kind, identifier_ended.
    """
    normal = library.check_identifier(identifier)
    try:
        licence = library.verify(
            normal, reason=CERTIFICATE_REASON, by=by, organization=organization, holder_code=code, now=now
        )
    except LibraryUnavailable:
        return None
    if licence.fields.get("kind") != kind.code:
        message = _("这个证照标识是“%(name)s”，不是“%(kind)s”，请核对。")
        raise Invalid("identifier_kind", message % {"name": licence.name, "kind": kind.label}, field="identifier")
    if licence.status != Status.VALID:
        message = _("证照库显示这份“%(name)s”%(status)s，请填写有效的证书。")
        words = {"name": licence.name, "status": Status(licence.status).label}
        raise Invalid("identifier_ended", message % words, field="identifier")
    return _certificate(licence)


def _read(code: str, licences: list[Licence], now: datetime) -> Found:
    own = [one for one in licences if one.holder_code == code]
    registration = next(iter(sorted((one for one in own if one.is_registration), key=_newest)), None)
    if registration is None:
        return Found(code=code, answer=Answer.UNKNOWN, read_at=now)
    kind = registration.fields.get("kind", "")
    given = {
        "name": registration.holder_name,
        "kind": kind if kind in Organization.Kind.values else kind_of(code),
        **{field: registration.fields.get(field, "") for field in ("region", "address", "legal_representative")},
    }
    codes = {one.fields.get("kind", "") for one in licences if one.status == Status.VALID and one is not registration}
    kinds = set(QualificationKind.objects.filter(code__in=codes).values_list("code", flat=True))
    valid = [one for one in licences if one.status == Status.VALID and one.fields.get("kind") in kinds]
    return Found(
        code=code,
        answer=Answer.KNOWN,
        values={field: value for field, value in given.items() if value},
        identifier=registration.identifier,
        standing="" if registration.status == Status.VALID else registration.status,
        read_at=now,
        certificates=tuple(_certificate(one) for one in valid if one.holder_code == code and not one.is_registration),
        practitioners=tuple(_practitioner(one) for one in valid if one.fields.get("registered_code") == code),
    )


def _newest(licence: Licence) -> tuple[bool, int]:
    """Put a valid licence before others, then the one issued last."""
    return licence.status != Status.VALID, -(licence.issued_on or date.min).toordinal()


def _certificate(licence: Licence) -> FoundCertificate:
    return FoundCertificate(
        kind=licence.fields["kind"],
        number=licence.number,
        identifier=licence.identifier,
        grade=licence.fields.get("grade", ""),
        scope=licence.fields.get("scope", ""),
        issuer=licence.issuer,
        issued_on=licence.issued_on.isoformat() if licence.issued_on else "",
        valid_until=licence.valid_until.isoformat() if licence.valid_until else "",
    )


def _practitioner(licence: Licence) -> FoundPractitioner:
    return FoundPractitioner(
        name=licence.fields.get("person") or licence.holder_name,
        key=person_key(licence.holder_code),
        last4=licence.holder_code[-4:],
        kind=licence.fields["kind"],
        number=licence.number,
        identifier=licence.identifier,
        discipline=licence.fields.get("discipline", ""),
        valid_until=licence.valid_until.isoformat() if licence.valid_until else "",
    )
