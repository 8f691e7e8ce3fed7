"""Change an organization, tell its members something, suspend, restore or remove it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.actions import clean_phone, notify, notify_each
from marketplace.accounts.models import Message
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Invalid, Refused

from ..models import Membership, Organization
from ..rules import is_administrator, may_administer
from ..states import ORGANIZATION, OrganizationStatus

CHANGEABLE = (
    "region",
    "address",
    "legal_representative",
    "contact_name",
    "phone",
    "email",
    "introduction",
    "alipay_account",
)


def notify_organization(
    *,
    organization: Organization,
    title: str,
    body: str = "",
    url: str = "",
    key: str = "",
    power: str = "",
    now: datetime,
) -> list[Message]:
    """Tell every member of an organization one thing; with a `key` each of them once, with a `power` those who have it."""
    rows = organization.memberships.current(timezone.localdate(now)).filter(user__is_active=True)
    people = [row.user for row in rows.select_related("user").order_by("user") if not power or row.has_power(power)]
    return [notify(user=user, title=title, body=body, url=url, key=key, now=now) for user in people]


def notify_organizations(
    *,
    notes: Iterable[tuple[Organization, str, str]],
    url: str = "",
    key: str,
    now: datetime,
    by_mail: bool = True,
) -> list[Message]:
    """Tell every member of several organizations, each (organization, title, body), about one thing; see notify_each."""
    words = {organization.pk: (title, body) for organization, title, body in notes}
    rows = Membership.objects.current(timezone.localdate(now)).filter(organization__in=words, user__is_active=True)
    rows = rows.select_related("user").order_by("pk")
    told = [(row.user, *words[row.organization_id]) for row in rows]
    return notify_each(notes=told, url=url, key=key, now=now, by_mail=by_mail)


@transaction.atomic
def change_organization(
    *, organization: Organization, values: Mapping[str, Any], by: Any, now: datetime
) -> Organization:
    """Change the profile: any of `CHANGEABLE`. Name and code are the register's and stay.

    Refuses: not_yours (403), field_fixed, contact_name_missing, phone_invalid. What stays the same makes no event.
    """
    organization = lock(organization)
    if not (may_administer(by, organization) or is_administrator(by)):
        raise Forbidden("not_yours", _("只有“%(name)s”的管理员可以修改资料。") % {"name": organization.name})
    changed = []
    for field, given in values.items():
        if field not in CHANGEABLE:
            raise Invalid("field_fixed", _("名称和代码以登记机关为准，不能在这里修改。"), field=field)
        value = given.strip() if isinstance(given, str) else given
        if field == "phone":
            value = clean_phone(value)
        if field == "contact_name" and not value:
            raise Invalid("contact_name_missing", _("请填写联系人姓名。"), field=field)
        if getattr(organization, field) != value:
            setattr(organization, field, value)
            organization.origins.pop(field, None)  # what one writes oneself is self-declared again
            changed.append(field)
    if changed:
        organization.save(update_fields=[*changed, "origins"])
        _record(organization, "organization_changed", by=by, now=now, data={"fields": changed})
    return organization


def suspend_organization(
    *, organization: Organization, reason: str, by: Any, now: datetime, until: datetime | None = None
) -> Organization:
    """Stop new business until a moment, after which the worker restores the party, or until an administrator does.

    The system itself (`by` None) may suspend only until a moment. Refuses: not_administrator (403), reason_needed,
    until_passed, state_conflict.
    """
    if by is not None or until is None:
        _check_administrator(by)
    if until is not None and until <= now:
        raise Invalid("until_passed", _("暂停的截止时间应在现在以后。"), field="until")
    return _set_status(organization, OrganizationStatus.SUSPENDED, "organization_suspended", reason, by, now, until)


@transaction.atomic
def prolong_suspension(*, organization: Organization, until: datetime, reason: str, now: datetime) -> Organization:
    """Let the system move the end of a suspension to later; one without an end, or with a later one, stays as it is.

    Refuses: state_conflict when the party is not suspended.
    """
    organization = lock(organization)
    if organization.status != OrganizationStatus.SUSPENDED:
        raise Refused("state_conflict", _("“%(name)s”没有被暂停。") % {"name": organization.name})
    if organization.suspended_until is not None and organization.suspended_until < until:
        organization.suspended_until = until
        organization.save(update_fields=["suspended_until"])
        data = {"reason": reason, "ends_at": until.isoformat()}
        _record(organization, "suspension_prolonged", by=None, now=now, data=data)
    return organization


@transaction.atomic
def restore_organization(*, organization: Organization, reason: str, by: Any, now: datetime) -> Organization:
    """End a suspension. The system itself (`by` None) may once its end has passed.

    Refuses: not_administrator (403), reason_needed, state_conflict.
    """
    organization = lock(organization)
    ends_at = organization.suspended_until
    if by is not None or ends_at is None or now < ends_at:
        _check_administrator(by)
    return _set_status(organization, OrganizationStatus.ACTIVE, "organization_restored", reason, by, now)


def remove_organization(*, organization: Organization, reason: str, by: Any, now: datetime) -> Organization:
    """Remove a party for good. Refuses: not_administrator (403), reason_needed, state_conflict."""
    _check_administrator(by)
    return _set_status(organization, OrganizationStatus.REMOVED, "organization_removed", reason, by, now)


def _check_administrator(by: Any) -> None:
    if not is_administrator(by):
        raise Forbidden("not_administrator", _("只有平台管理机构可以这样做。"))


def _set_status(
    organization: Organization,
    status: str,
    event: str,
    reason: str,
    by: Any,
    now: datetime,
    until: datetime | None = None,
) -> Organization:
    with transaction.atomic():
        organization = lock(organization)
        if not reason.strip():
            raise Invalid("reason_needed", _("请写明原因，它会公开。"), field="reason")
        ORGANIZATION.check(organization.status, status)
        organization.status, organization.suspended_until = status, until
        organization.save(update_fields=["status", "suspended_until"])
        data = {"reason": reason.strip(), **({"ends_at": until.isoformat()} if until else {})}
        _record(organization, event, by=by, now=now, data=data)
    return organization


def _record(
    organization: Organization,
    name: str,
    *,
    by: Any,
    now: datetime,
    data: dict[str, Any],
    visibility: str = Event.Visibility.PUBLIC,
) -> None:
    record(
        organization.process,
        name,
        by=by,
        organization=organization,
        now=now,
        subject=organization,
        data=data,
        visibility=visibility,
    )
