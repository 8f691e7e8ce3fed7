"""Certificates that end, and suspensions: what falls due, and reminders 60, 30 and 7 days before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from marketplace.accounts.models import Message
from marketplace.core.refusals import Refused
from marketplace.core.worker import due, in_own_order

from ..actions import end_certificate, end_qualification, notify_organization, restore_organization
from ..models import Membership, Organization
from ..queries import (
    REMINDED,
    ended_suspensions,
    expired_certificates,
    expired_qualifications,
    expiring_certificates,
    expiring_qualifications,
)
from .messages import LANGUAGE


@due("suspensions")
def end_suspensions(now: datetime) -> int:
    """Restore the parties whose suspension has reached its end."""
    done = 0
    for organization in ended_suspensions(now).select_related("process"):
        try:
            restore_organization(organization=organization, reason="暂停期满", by=None, now=now)
        except Refused:  # another worker was faster, or it was prolonged meanwhile
            continue
        done += 1
    return done


@due("qualifications")
def end_expired(now: datetime) -> int:
    """End certificates of firms and of practitioners whose last day has passed."""
    done = 0
    for qualification in in_own_order(expired_qualifications(now)):
        try:
            end_qualification(qualification=qualification, now=now)
        except Refused:  # another worker was faster
            continue
        done += 1
    for certificate in in_own_order(expired_certificates(now)):
        try:
            end_certificate(certificate=certificate, now=now)
        except Refused:
            continue
        done += 1
    return done


@due("expiry_reminders")
def remind_of_expiry(now: datetime) -> int:
    """Remind those with the profile power 60, 30 and 7 days before a certificate ends, once each."""
    today = timezone.localdate(now)
    firms = expiring_qualifications(now).select_related("organization", "kind")
    people = expiring_certificates(now).select_related("practitioner__organization", "kind")
    wanted: list[tuple[str, Organization, str, date, bool]] = []
    for row in firms:
        assert row.valid_until is not None
        wanted.append((_key("expiring", row, today), row.organization, str(row), row.valid_until, False))
    for one in people:
        assert one.valid_until is not None
        organization = one.practitioner.organization
        wanted.append((_key("expiring-person", one, today), organization, str(one), one.valid_until, True))
    told = _told(key for key, *_rest in wanted)
    done = 0
    for key, organization, what, last, is_person in wanted:
        if key in told:
            continue
        with translation.override(LANGUAGE):
            body = _("到期后凭它承接的服务会暂停。证照库里换发的会自动更新；其他的请在“我的机构”申报新证。")
            if is_person:
                body = _("到期后这名人员不再计入服务所要求的人数。延续注册后，证照库里的会自动更新。")
            made = notify_organization(
                organization=organization,
                title=_("%(what)s 将于 %(date)s 到期") % {"what": what, "date": f"{last:%Y-%m-%d}"},
                body=body,
                url=reverse("parties:my_firm"),
                key=key,
                power=Membership.Power.PROFILE,
                now=now,
            )
        done += len(made)
    return done


def _key(kind: str, row: Any, today: date) -> str:
    """Name the reminder that is owed: of 60, 30 and 7 days the smallest that the rest still fits in."""
    stage = min(days for days in REMINDED if (row.valid_until - today).days <= days)
    return f"{kind}-{row.pk}-{row.valid_until}-{stage}"


def _told(keys: Iterable[str]) -> set[str]:
    """Return which of the reminders went out already, in one query."""
    return set(Message.objects.filter(key__in=list(keys)).values_list("key", flat=True))
