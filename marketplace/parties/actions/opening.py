"""Open an organization for entry: its row, its first administrator, its commitment letter, its event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from marketplace.accounts.actions import clean_phone
from marketplace.accounts.models import User
from marketplace.catalog.models import Region
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event, Process
from marketplace.core.refusals import Invalid

from ..commitment import VERSION, commitment_hash, commitment_text
from ..found import Found
from ..models import Commitment, EntryBatchRow, Membership, Organization, Origin
from ..rules import may_administer
from ..states import ENTRY_BATCH_ROW, EntryBatchRowStatus, OrganizationStatus
from ..uscc import check_uscc
from .lookup import check_standing

NAME_LENGTH = (2, 120)


def check_name(name: str) -> str:
    """Return a name without spaces around it; refuse with `name_missing` or `name_long`."""
    name = " ".join(name.split())
    if len(name) < NAME_LENGTH[0]:
        raise Invalid("name_missing", _("请填写营业执照上的完整名称。"), field="name")
    if len(name) > NAME_LENGTH[1]:
        raise Invalid("name_long", _("名称最多 %(limit)d 个字。") % {"limit": NAME_LENGTH[1]}, field="name")
    return name


def is_unconfirmed(organization: Organization) -> bool:
    """Tell whether somebody else has listed the organization and nobody has confirmed its commitment letter yet."""
    return not organization.commitment_hash and not organization.memberships.exists()


def check_free(code: str, role: str, by: Any) -> Organization | None:
    """Return the organization that may take one more role under this code, None when the code is new here.

    A firm that an association has listed and for which nobody acts yet is free, too: whoever confirms it acts for it.
    Refuses with `already_entered` (the sentence says whom to ask) and `barred`.
    """
    known = Organization.objects.filter(uscc=code).first()
    if known is None:
        return None
    if known.status == OrganizationStatus.REMOVED:
        raise Invalid("barred", _("“%(name)s”已被清退，恢复请联系平台管理机构。") % {"name": known.name}, field="uscc")
    if is_unconfirmed(known) or (not getattr(known, f"is_{role}") and may_administer(by, known)):
        return known
    who = {"name": known.name, "contact": f"{known.contact_name[:1]}**", "phone": known.phone[-4:]}
    message = _(
        "“%(name)s”已经在这里登记，联系人是%(contact)s（电话尾号 %(phone)s）。"
        "请让本单位管理员把您添加为成员；联系不上的，可以凭授权材料申请认领。"
    )
    raise Invalid("already_entered", message % who, field="uscc")


def check_person(kind: str, user: User) -> None:
    """Refuse a second entry of the same natural person."""
    if (
        kind == Organization.Kind.PERSON
        and user.memberships.filter(organization__kind=Organization.Kind.PERSON).exists()
    ):
        raise Invalid("already_entered", _("您已经以个人身份登记过，登录后即可发布需求。"), field="kind")


def checked_values(values: dict[str, Any], *, role: str, found: Found | None = None) -> dict[str, Any]:
    """Return an organization's fields in normal form, with the authority's in the place of typed ones, and `origins`.

    Refuses: kind_invalid, name_*, phone_invalid, contact_name_missing, licence_cancelled, licence_suspended,
    licence_expired.
    """
    values = {**values, "origins": {}, "licence_read_at": found.read_at if found is not None else None}
    if found is not None and found.is_known:
        check_standing(found)
        known = dict(found.values)
        if region := Region.objects.filter(code=known.pop("region", "")).first():
            values["region"], values["origins"]["region"] = region, Origin.AUTHORITY.value
        values |= known
        values["origins"] |= dict.fromkeys(known, Origin.AUTHORITY.value)
        values["licence_identifier"] = found.identifier
    person = values["kind"] == Organization.Kind.PERSON
    if values["kind"] not in Organization.Kind.values or (person and role == "intermediary"):
        raise Invalid("kind_invalid", _("请选择单位的性质。"), field="kind")
    values["name"] = check_name(values["name"])
    values["phone"] = clean_phone(values["phone"])
    values["contact_name"] = values["contact_name"].strip()
    if not values["contact_name"]:
        raise Invalid("contact_name_missing", _("请填写联系人姓名。"), field="contact_name")
    return values


def open_organization(
    *, role: str, user: User, uscc: str, found: Found | None, by: Any, now: datetime, values: dict[str, Any]
) -> Organization:
    """Create the organization, confirm a listed one, or give a known one its second role; keep the letter it signs.

    Part of an action that has authorised. Records organization_entered. Refuses: already_entered, barred, uscc_*, and
    what `checked_values` refuses.
    """
    values = checked_values(values, role=role, found=found)
    person = values["kind"] == Organization.Kind.PERSON
    check_person(values["kind"], user)
    code = "" if person else check_uscc(uscc)
    known = None if person else check_free(code, role, user)
    buyer = role == "buyer"
    letter = {"commitment_hash": commitment_hash(values["name"], code, buyer=buyer), "committed_by": user}
    if known is None:
        organization = _create(role=role, user=user, code=code, now=now, values={**values, **letter})
        Membership.objects.create(user=user, organization=organization, role=Membership.Role.ADMINISTRATOR)
    else:
        organization = lock(known)
        if is_unconfirmed(organization):
            _confirm(organization, role=role, user=user, now=now, values={**values, **letter})
        else:
            check_free(code, role, user)  # once more under the lock: somebody may have been faster
            _add_role(organization, role=role, found=found, values={**values, **letter})
        if role == "intermediary":
            _confirm_rows(organization, now=now)
    _keep_letter(organization, role=role, user=user, code=code, now=now)
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


def create_organization(*, role: str, code: str, owner: int, now: datetime, values: dict[str, Any]) -> Organization:
    """Write the row of a new organization with its process; `owner` numbers a natural person. Refuses: already_entered."""
    person = values["kind"] == Organization.Kind.PERSON
    process = Process.objects.create(
        ocid=f"yt360600-party-{code.lower() or f'p{owner}'}",
        kind=Process.Kind.PARTY,
        title=f"{values['name'][:1]}**" if person else values["name"],
        created_at=now,
    )
    organization = Organization(process=process, uscc=code or None, entered_at=now, **{f"is_{role}": True}, **values)
    organization.save(force_insert=True)
    return organization


def _create(*, role: str, user: User, code: str, now: datetime, values: dict[str, Any]) -> Organization:
    try:
        with transaction.atomic():
            return create_organization(role=role, code=code, owner=user.pk, now=now, values=values)
    except IntegrityError as twice:
        raise Invalid("already_entered", _("这个代码刚刚已经登记，请刷新页面查看。"), field="uscc") from twice


def _confirm(organization: Organization, *, role: str, user: User, now: datetime, values: dict[str, Any]) -> None:
    """Put the organization's own word in the place of what an association had listed, and let `user` act for it."""
    for field, value in values.items():
        setattr(organization, field, value)
    organization.is_intermediary, organization.is_buyer = role == "intermediary", role == "buyer"
    organization.entered_at = now
    organization.save()
    Membership.objects.create(user=user, organization=organization, role=Membership.Role.ADMINISTRATOR)


def _add_role(organization: Organization, *, role: str, found: Found | None, values: dict[str, Any]) -> None:
    """Give a party its second role: what the authority says now replaces what stood there, what was typed does not."""
    setattr(organization, f"is_{role}", True)
    if found is not None and found.is_known:
        for field in (*values["origins"], "licence_identifier", "licence_read_at"):
            setattr(organization, field, values[field])
        organization.origins = {**organization.origins, **values["origins"]}
    code, buyer = str(organization.uscc), role == "buyer"
    organization.commitment_hash = commitment_hash(organization.name, code, buyer=buyer)
    organization.committed_by = values["committed_by"]
    organization.alipay_account = values.get("alipay_account") or organization.alipay_account
    organization.save()


def _confirm_rows(organization: Organization, *, now: datetime) -> None:
    for row in EntryBatchRow.objects.filter(organization=organization, status=EntryBatchRowStatus.ENTERED):
        ENTRY_BATCH_ROW.check(row.status, EntryBatchRowStatus.CONFIRMED)
        row.status, row.done_at = EntryBatchRowStatus.CONFIRMED, now
        row.save(update_fields=["status", "done_at"])


def _keep_letter(organization: Organization, *, role: str, user: User, code: str, now: datetime) -> None:
    Commitment.objects.create(
        organization=organization,
        role=role,
        version=VERSION,
        text=commitment_text(organization.name, code, buyer=role == "buyer"),
        sha256=organization.commitment_hash,
        signer=user,
        signer_name=(user.display_name or organization.contact_name)[:80],
        signed_at=now,
    )
