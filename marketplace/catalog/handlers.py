"""Work of the catalogue that falls due: the working calendar of the next year."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.accounts.actions import notify
from marketplace.accounts.models import Message, User
from marketplace.core.worker import due

from .actions import load_calendar
from .queries import missing_year


@due("calendar_year")
def warn_of_a_missing_year(now: datetime) -> int:
    """From 1 November fill in the next year if the package knows it by then; else tell every administrator, once a year each."""
    year = missing_year(now)
    if year is None:
        return 0
    load_calendar(now=now)
    if missing_year(now) is None:
        return 1
    key = f"calendar-{year}"
    told = Message.objects.filter(key=key).values("user")
    plain = _("没有录入以前，落在 %(year)d 年的期限无法计算，用到它的操作会被拒绝。")
    if settings.ASSUME_PLAIN_CALENDAR:
        plain = _("没有录入以前，落在 %(year)d 年的期限只按周一至周五推算。")
    ask = _("国务院办公厅公布放假安排后，请在“工作日历”里粘贴通知原文。")
    administrators = User.objects.filter(is_staff=True, is_active=True).exclude(pk__in=told)
    for user in administrators:
        notify(
            user=user,
            title=_("%(year)d 年的工作日历还没有录入") % {"year": year},
            body=(ask + plain) % {"year": year},
            url=f"{reverse('desk_workdays:index')}?year={year}",
            key=key,
            now=now,
        )
    return len(administrators)
