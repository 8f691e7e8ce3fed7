"""Entry 入驻: a firm or an owner comes in on its own word, without a fee and wherever it is registered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from marketplace.accounts.actions import clean_phone
from marketplace.accounts.models import User
from marketplace.catalog.models import QualificationKind, Region, ServiceCategory
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event, Process
from marketplace.core.refusals import Forbidden, Invalid

from ..commitment import VERSION, commitment_hash
from ..models import Membership, Organization
from ..rules import may_administer
from ..states import OrganizationStatus
from ..uscc import check_uscc
from .offerings import offer_services
from .qualifications import add_qualification

NAME_LENGTH = (2, 120)


def check_name(name: str) -> str:
    """Return a name without spaces around it; refuse with `name_missing` or `name_long`."""
    name = " ".join(name.split())
    if len(name) < NAME_LENGTH[0]:
        raise Invalid("name_missing", _("请填写营业执照上的完整名称。"), field="name")
    if len(name) > NAME_LENGTH[1]:
        raise Invalid("name_long", _("名称最多 %(limit)d 个字。") % {"limit": NAME_LENGTH[1]}, field="name")
    return name


def check_free(code: str, role: str, by: Any) -> Organization | None:
    """Return the organization that may take one more role under this code, None when the code is new here.

    Refuses with `already_entered` (the sentence says whom to ask) and `barred`.
    """
    known = Organization.objects.filter(uscc=code).first()
    if known is None:
        return None
    if known.status == OrganizationStatus.REMOVED:
        raise Invalid("barred", _("“%(name)s”已被清退，恢复请联系平台管理机构。") % {"name": known.name}, field="uscc")
    if not getattr(known, f"is_{role}") and may_administer(by, known):
        return known
    who = {"name": known.name, "contact": f"{known.contact_name[:1]}**", "phone": known.phone[-4:]}
    message = _(
        "“%(name)s”已经在这里登记，联系人是%(contact)s（电话尾号 %(phone)s）。"
        "请让本单位管理员把您添加为成员；联系不上的，请找平台管理机构。"
    )
    raise Invalid("already_entered", message % who, field="uscc")


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
    contact_name: str,
    phone: str,
    email: str = "",
    address: str = "",
    legal_representative: str = "",
    introduction: str = "",
    alipay_account: str = "",
    committed: bool,
    is_robot: bool = False,
    by: Any,
    now: datetime,
) -> Organization:
    """Let a firm in on its commitment letter and offer its services; `user` becomes its administrator.

    `region` None means outside the city: no condition. `qualifications` are mappings with kind (QualificationKind or
    its code), grade, scope, number, valid_until and file. A service that asks for nothing is live at once, one that
    asks for a qualification waits for its check. An owner known under the code gains the second role.

    Refuses: not_yours (403), not_committed, services_missing, already_entered, barred, not_qualified, uscc_*, name_*,
    kind_invalid, phone_invalid, contact_name_missing, and what declaring a qualification refuses.
    """
    _check_person(user, by)
    if not committed:
        raise Invalid("not_committed", _("请阅读承诺书，并勾选“我已阅读并承诺”。"), field="committed")
    if not services:
        raise Invalid("services_missing", _("请至少选择一项服务。"), field="services")
    organization = _open(
        role="intermediary",
        user=user,
        uscc=uscc,
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
    for given in qualifications:
        values = {**given, "kind": _kind(given["kind"])}
        add_qualification(organization=organization, by=by, now=now, **values)
    offer_services(organization=organization, services=services, by=by, now=now)
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
    by: Any,
    now: datetime,
) -> Organization:
    """Let an owner in: a body with its code, or a natural person without one (kind "person").

    Refuses: not_yours (403), not_committed, already_entered, barred, uscc_*, name_*, kind_invalid, phone_invalid,
    contact_name_missing.
    """
    _check_person(user, by)
    if not committed:
        raise Invalid("not_committed", _("请阅读承诺书，并勾选“我已阅读并承诺”。"), field="committed")
    return _open(
        role="buyer",
        user=user,
        uscc=uscc,
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


def _open(*, role: str, user: User, uscc: str, by: Any, now: datetime, values: dict[str, Any]) -> Organization:
    """Create the organization, or give a known one its second role; record organization_entered."""
    person = values["kind"] == Organization.Kind.PERSON
    if values["kind"] not in Organization.Kind.values or (person and role == "intermediary"):
        raise Invalid("kind_invalid", _("请选择单位的性质。"), field="kind")
    values["name"] = check_name(values["name"])
    values["phone"] = clean_phone(values["phone"])
    values["contact_name"] = values["contact_name"].strip()
    if not values["contact_name"]:
        raise Invalid("contact_name_missing", _("请填写联系人姓名。"), field="contact_name")
    if person:
        code, known = "", None
        if user.memberships.filter(organization__kind=Organization.Kind.PERSON).exists():
            raise Invalid("already_entered", _("您已经以个人身份登记过，登录后即可发布需求。"), field="kind")
    else:
        code = check_uscc(uscc)
        known = check_free(code, role, user)
    buyer = role == "buyer"
    letter = {"commitment_hash": commitment_hash(values["name"], code, buyer=buyer), "committed_by": user}
    if known is not None:
        organization = lock(known)
        setattr(organization, f"is_{role}", True)
        for field, value in {**letter, "alipay_account": values.get("alipay_account", "")}.items():
            if value:
                setattr(organization, field, value)
        organization.save()
    else:
        process = Process.objects.create(
            ocid=f"yt360600-party-{code.lower() or f'p{user.pk}'}",
            kind=Process.Kind.PARTY,
            title=f"{values['name'][:1]}**" if person else values["name"],
            created_at=now,
        )
        organization = Organization(
            process=process, uscc=code or None, entered_at=now, **{f"is_{role}": True}, **letter, **values
        )
        try:
            with transaction.atomic():
                organization.save(force_insert=True)
        except IntegrityError as twice:
            raise Invalid("already_entered", _("这个代码刚刚已经登记，请刷新页面查看。"), field="uscc") from twice
        Membership.objects.create(user=user, organization=organization, role=Membership.Role.ADMINISTRATOR)
    record(
        organization.process,
        "organization_entered",
        by=by,
        organization=organization,
        now=now,
        subject=organization,
        data={
            "role": role,
            "name": "" if person else organization.name,
            "uscc": code,
            "commitment_version": VERSION,
            "commitment_hash": organization.commitment_hash,
        },
        visibility=Event.Visibility.PARTIES if person else Event.Visibility.PUBLIC,
    )
    return organization
