"""Entry 入驻: a firm or an owner comes in on its own word, without a fee and wherever it is registered."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.catalog.models import QualificationKind, Region, ServiceCategory
from marketplace.core.refusals import Forbidden, Invalid, Refused

from ..found import Found, day_of
from ..models import Organization, Origin
from ..states import QualificationStatus
from .declarations import add_qualification
from .offerings import offer_services
from .opening import check_free, check_name, open_organization
from .practitioners import engage_practitioner, take_practitioners

logger = logging.getLogger(__name__)

__all__ = ["check_free", "check_name", "enter_buyer", "enter_firm", "take_certificates"]


@transaction.atomic
def enter_firm(
    *,
    user: User,
    uscc: str,
    name: str,
    kind: str,
    region: Region | None,
    services: Sequence[ServiceCategory],
    qualifications: Iterable[Mapping[str, Any]] = (),
    practitioners: Iterable[Mapping[str, Any]] = (),
    contact_name: str,
    phone: str,
    email: str = "",
    address: str = "",
    legal_representative: str = "",
    introduction: str = "",
    alipay_account: str = "",
    committed: bool,
    is_robot: bool = False,
    found: Found | None = None,
    by: Any,
    now: datetime,
) -> Organization:
    """Let a firm in on its commitment letter and offer its services; `user` becomes its administrator.

    `region` None means outside the city: no condition. `qualifications` are mappings with kind (QualificationKind or
    its code), grade, scope, number, valid_until and file; `practitioners` such with name, person (persons.Person), kind,
    certificate_number, discipline, valid_until and file. A service that asks for nothing is live at once, one that asks
    for a qualification waits for its check, one that lacks practitioners alone is suspended until they are named. An
    owner known under the code gains the second role; a firm that an association has listed is confirmed. What `found`
    (look_up's answer) knows replaces what is given: fields of the business licence, certificates, which are valid at
    once, and practitioners.

    Refuses: not_yours (403), not_committed, services_missing, already_entered, barred, not_qualified, uscc_*, name_*,
    kind_invalid, phone_invalid, contact_name_missing, licence_cancelled, licence_suspended, licence_expired, and what
    declaring a qualification and engaging a practitioner refuse.
    """
    _check_person(user, by)
    if not committed:
        raise Invalid("not_committed", _("请阅读承诺书，并勾选“我已阅读并承诺”。"), field="committed")
    if not services:
        raise Invalid("services_missing", _("请至少选择一项服务。"), field="services")
    organization = open_organization(
        role="intermediary",
        user=user,
        uscc=uscc,
        found=found,
        by=by,
        now=now,
        values={
            "name": name,
            "kind": kind,
            "region": region,
            "contact_name": contact_name,
            "phone": phone,
            "email": email,
            "address": address,
            "legal_representative": legal_representative,
            "introduction": introduction,
            "alipay_account": alipay_account,
            "is_robot": is_robot,
        },
    )
    read = take_certificates(organization=organization, found=found, by=by, now=now)
    for given in qualifications:
        values = {**given, "kind": _kind(given["kind"])}
        if (values["kind"].code, values["number"].strip()) not in read:
            add_qualification(organization=organization, by=by, now=now, **values)
    if found is not None:
        take_practitioners(organization=organization, practitioners=found.practitioners, by=by, now=now)
    for given in practitioners:
        engage_practitioner(organization=organization, by=by, now=now, **{**given, "kind": _kind(given["kind"])})
    offer_services(organization=organization, services=services, people_may_follow=True, by=by, now=now)
    return organization


@transaction.atomic
def enter_buyer(
    *,
    user: User,
    name: str,
    kind: str,
    region: Region | None,
    contact_name: str,
    phone: str,
    uscc: str = "",
    email: str = "",
    address: str = "",
    legal_representative: str = "",
    introduction: str = "",
    committed: bool,
    is_robot: bool = False,
    found: Found | None = None,
    by: Any,
    now: datetime,
) -> Organization:
    """Let an owner in: a body with its code, or a natural person without one (kind "person").

    Refuses: not_yours (403), not_committed, already_entered, barred, uscc_*, name_*, kind_invalid, phone_invalid,
    contact_name_missing, licence_cancelled, licence_suspended, licence_expired.
    """
    _check_person(user, by)
    if not committed:
        raise Invalid("not_committed", _("请阅读承诺书，并勾选“我已阅读并承诺”。"), field="committed")
    return open_organization(
        role="buyer",
        user=user,
        uscc=uscc,
        found=found,
        by=by,
        now=now,
        values={
            "name": name,
            "kind": kind,
            "region": region,
            "contact_name": contact_name,
            "phone": phone,
            "email": email,
            "address": address,
            "legal_representative": legal_representative,
            "introduction": introduction,
            "is_robot": is_robot,
        },
    )


def _check_person(user: User, by: Any) -> None:
    if not (getattr(by, "pk", None) == user.pk or getattr(by, "is_staff", False)):
        raise Forbidden("not_yours", _("请用自己的账号办理。"))


def _kind(given: QualificationKind | str) -> QualificationKind:
    if isinstance(given, QualificationKind):
        return given
    kind = QualificationKind.objects.filter(code=given).first()
    if kind is None:
        raise Invalid("kind_unknown", _("没有这种资质，请重新选择。"), field="kind")
    return kind


def take_certificates(
    *, organization: Organization, found: Found | None, by: Any, now: datetime
) -> set[tuple[str, str]]:
    """Write the certificates that the library knows, valid at once; return (kind's code, number) of each.

    Part of an action that has authorised. One that stands here already stays as it is, and one that cannot be written
    (the library has given the same number to somebody else before) is left out: it is asked for instead.
    """
    rows = organization.qualifications.values_list("kind__code", "number")
    taken: set[tuple[str, str]] = set(rows.filter(origin=Origin.AUTHORITY))
    over = (QualificationStatus.REFUSED, QualificationStatus.ENDED)
    held = taken | set(rows.exclude(status__in=over))
    if found is None or not found.certificates:
        return taken
    kinds = {
        kind.code: kind for kind in QualificationKind.objects.filter(code__in=[c.kind for c in found.certificates])
    }
    for one in found.certificates:
        kind = kinds.get(one.kind)
        if kind is None or (one.kind, one.number) in held or (kind.grades and one.grade not in kind.grades):
            continue  # one that our catalogue cannot read is asked for instead
        try:
            with transaction.atomic():
                add_qualification(
                    organization=organization,
                    kind=kind,
                    number=one.number,
                    grade=one.grade if kind.grades else "",
                    scope=one.scope,
                    valid_until=day_of(one.valid_until),
                    identifier=one.identifier,
                    issuer=one.issuer,
                    issued_on=day_of(one.issued_on),
                    origin=Origin.AUTHORITY,
                    read_at=found.read_at,
                    by=by,
                    now=now,
                )
        except Refused as refused:
            logger.warning("%s: certificate %s left out: %s", organization.uscc, one.number, refused.code)
        else:
            taken.add((one.kind, one.number))
    return taken
