"""People who act for an organization: added, given powers and days, removed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Invalid, Refused

from ..models import Membership, Organization
from ..rules import is_administrator, may_administer

Power, Role = Membership.Power, Membership.Role


@transaction.atomic
def add_member(
    *,
    organization: Organization,
    username: str,
    role: str,
    powers: Iterable[str] | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    by: Any,
    now: datetime,
) -> Membership:
    """Let another account act for the organization, from one day to another (both included, None open).

    An agent gets `powers`, without them (None) all; an administrator has every power.
    Refuses: not_yours (403), user_unknown, already_member, role_unknown, powers_unknown, powers_missing, days_reversed,
    days_past.
    """
    organization = lock(organization)
    _check_administers(organization, by)
    user = User.objects.filter(username__iexact=username.strip(), is_active=True).first()
    if user is None:
        message = _("没有用户名为“%(username)s”的账号，请对方先注册。") % {"username": username.strip()}
        raise Invalid("user_unknown", message, field="username")
    if organization.memberships.filter(user=user).exists():
        message = _("%(user)s 已经是成员，可以在成员名单里修改权限。") % {"user": user}
        raise Invalid("already_member", message, field="username")
    membership = Membership(organization=organization, user=user, granted_by=by)
    given = Power.values if powers is None else powers
    _set(membership, role=role, powers=given, starts_on=starts_on, ends_on=ends_on, now=now)
    membership.save()
    _record(membership, "member_added", by=by, now=now)
    return membership


@transaction.atomic
def set_powers(
    *,
    membership: Membership,
    role: str,
    powers: Iterable[str] = (),
    starts_on: date | None = None,
    ends_on: date | None = None,
    by: Any,
    now: datetime,
) -> Membership:
    """Change what a member may do and until when. Nobody widens what he may do himself, or prolongs it.

    Refuses: not_yours (403), own_powers (403), last_administrator, and what `add_member` refuses of roles, powers and days.
    """
    organization = lock(membership.organization)
    membership = lock(membership)
    _check_administers(organization, by)
    before = (membership.role, set(membership.powers), membership.starts_on, membership.ends_on)
    _set(membership, role=role, powers=powers, starts_on=starts_on, ends_on=ends_on, now=now)
    if before == (membership.role, set(membership.powers), membership.starts_on, membership.ends_on):
        return membership
    if membership.user_id == by.pk and not is_administrator(by) and _is_wider(membership, before):
        raise Forbidden("own_powers", _("自己的权限不能由自己扩大或者延长，请另一位管理员办理。"))
    membership.granted_by = by
    membership.save()
    _check_somebody_administers(organization)
    _record(membership, "member_changed", by=by, now=now)
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, by: Any, now: datetime) -> None:
    """End somebody's acting for the organization at once; everybody may leave. What was done stays done.

    Refuses: not_yours (403), last_administrator.
    """
    organization = lock(membership.organization)
    membership = lock(membership)
    if membership.user_id != getattr(by, "pk", None):
        _check_administers(organization, by)
    _record(membership, "member_removed", by=by, now=now)
    membership.delete()
    _check_somebody_administers(organization)


def _set(
    membership: Membership,
    *,
    role: str,
    powers: Iterable[str],
    starts_on: date | None,
    ends_on: date | None,
    now: datetime,
) -> None:
    wanted = set(powers)
    if role not in Role.values:
        raise Invalid("role_unknown", _("请选择角色。"), field="role")
    if wanted - set(Power.values):
        raise Invalid("powers_unknown", _("请在列出的权限里选择。"), field="powers")
    if role == Role.AGENT and not wanted:
        raise Invalid("powers_missing", _("请至少选择一项权限。"), field="powers")
    if starts_on and ends_on and ends_on < starts_on:
        raise Invalid("days_reversed", _("结束日期不能早于开始日期。"), field="ends_on")
    if ends_on and ends_on < timezone.localdate(now):
        raise Invalid("days_past", _("结束日期已经过去；要马上停止，请移除这位成员。"), field="ends_on")
    membership.role = role
    membership.powers = [] if role == Role.ADMINISTRATOR else [one for one in Power.values if one in wanted]
    membership.starts_on, membership.ends_on = starts_on, ends_on


def _is_wider(membership: Membership, before: tuple[str, set[str], date | None, date | None]) -> bool:
    role, powers, starts_on, ends_on = before
    if role == Role.AGENT and (membership.role != role or set(membership.powers) - powers):
        return True
    longer = ends_on is not None and (membership.ends_on is None or membership.ends_on > ends_on)
    sooner = starts_on is not None and (membership.starts_on is None or membership.starts_on < starts_on)
    return longer or sooner


def _check_administers(organization: Organization, by: Any) -> None:
    if not (may_administer(by, organization) or is_administrator(by)):
        raise Forbidden("not_yours", _("只有“%(name)s”的管理员可以管理成员。") % {"name": organization.name})


def _check_somebody_administers(organization: Organization) -> None:
    """Refuse what leaves nobody who administers the organization today and without an end."""
    if not organization.memberships.current().administrators().filter(ends_on=None, user__is_active=True).exists():
        message = _("“%(name)s”至少要有一位没有结束日期的管理员，请先指定另一位。") % {"name": organization.name}
        raise Refused("last_administrator", message)


def _record(membership: Membership, name: str, *, by: Any, now: datetime) -> None:
    record(
        membership.organization.process,
        name,
        by=by,
        organization=membership.organization,
        now=now,
        subject=membership,
        data={
            "user": membership.user_id,
            "role": str(membership.role),
            "powers": list(membership.powers),
            "starts_on": membership.starts_on.isoformat() if membership.starts_on else None,
            "ends_on": membership.ends_on.isoformat() if membership.ends_on else None,
        },
        visibility=Event.Visibility.PRIVATE,
    )
