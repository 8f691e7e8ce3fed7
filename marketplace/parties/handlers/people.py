"""Powers of those who act for an organization: both sides hear before they end, and when they have."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from marketplace.accounts.actions import notify
from marketplace.accounts.models import Message, User
from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.worker import due

from ..models import Membership, Organization
from ..queries import ending_powers
from .messages import LANGUAGE


@on("member_added", "member_changed", "member_removed")
def tell_member(event: Event) -> None:
    """Tell the person for whom and for what they may act, or no longer."""
    organization = Organization.objects.get(pk=str(event.organization_id))
    user = User.objects.get(pk=event.data["user"])
    if user.pk == event.actor_id:
        return
    with translation.override(LANGUAGE):
        words = {"name": organization.name}
        if event.name == "member_removed":
            title, body = _("您不再代表“%(name)s”办理业务") % words, ""
        else:
            title = _("您可以代表“%(name)s”办理业务") % words
            labels = dict(Membership.Power.choices)
            powers = [str(labels[one]) for one in event.data.get("powers", ())]
            body = _("权限：%(powers)s。") % {"powers": "、".join(powers) or _("管理员，全部")}
            if event.data.get("ends_on"):
                body += _("到 %(date)s 为止。") % {"date": event.data["ends_on"]}
        notify(user=user, title=title, body=body, url=reverse("process:desk"), key=f"member-{event.pk}", now=event.at)


@due("powers")
def tell_ends(now: datetime) -> int:
    """Tell the person and the administrators seven days before powers end, and once they have ended."""
    today = timezone.localdate(now)
    rows = list(ending_powers(now))
    keys = {row.pk: f"powers-{_end(row, today)}-{row.pk}-{row.ends_on}" for row in rows}
    told = set(Message.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    done = 0
    for row in rows:
        if keys[row.pk] in told:
            continue
        with translation.override(LANGUAGE):
            words = {"user": str(row.user), "name": row.organization.name, "date": f"{row.ends_on:%Y-%m-%d}"}
            if keys[row.pk].startswith("powers-ended"):
                title = _("%(user)s 代表“%(name)s”的权限已于 %(date)s 到期") % words
                body = _("需要继续办理的，请管理员延长日期。")
            else:
                title = _("%(user)s 代表“%(name)s”的权限将于 %(date)s 到期") % words
                body = _("到期后不能再替本单位办理业务；需要继续的，请管理员延长日期。")
            administrators = row.organization.memberships.current(today).administrators().select_related("user")
            people = {row.user_id: row.user} | {one.user_id: one.user for one in administrators}
            for person in people.values():
                url = reverse("parties:members")
                notify(user=person, title=title, body=body, url=url, key=keys[row.pk], now=now)
                done += 1
    return done


def _end(row: Membership, today: date) -> str:
    return "ended" if row.ends_on is not None and row.ends_on < today else "ending"
