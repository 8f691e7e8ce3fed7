"""What falls due every morning: yesterday's bills, days that are not over, and returns of money that nobody knew."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q

from marketplace.core.refusals import Refused
from marketplace.core.worker import due

from .actions.receipts import send_return
from .actions.reconciliation import reconcile_day
from .bills.cells import CHINA
from .bills.states import DayStatus
from .models import AccountKind, Charge, Line, Reconciliation, UnknownReceipt

logger = logging.getLogger(__name__)
CATCH_UP = 30  # days made good after the worker stood still
LOOK_BACK = timedelta(
    days=7
)  # differing days are matched once more every morning: notices and refunds may have come late
AT_ONCE = 20


def newest_day(now: datetime) -> tuple[date, datetime]:
    """Return the newest day whose bills should be there, and the morning since when they should."""
    here = now.astimezone(CHINA)
    morning = here.replace(hour=settings.PAYMENTS_RECONCILE_HOUR, minute=0, second=0, microsecond=0)
    if here < morning:
        morning -= timedelta(days=1)
    return morning.date() - timedelta(days=1), morning


@due("payments: bills")
def reconcile_due(now: datetime) -> int:
    """Reconcile one day that is due: a new morning's, one that waits for its bill, or one with breaks, the oldest first.

    One for each round, so that other work goes on between. A marketplace that has never moved money has no day.
    """
    newest, morning = newest_day(now)
    _open_days(newest, now)
    rows = Reconciliation.objects.filter(Q(busy_until=None) | Q(busy_until__lte=now))
    restless = Q(status=DayStatus.DIFFERING, day__gte=newest - LOOK_BACK, ran_at__lt=morning)
    row = rows.filter(Q(next_attempt_at__lte=now) | restless).order_by("day").first()
    if row is None:
        return 0
    try:
        reconcile_day(day=row.day, now=now)
    except Refused as refused:  # somebody else has begun it just now
        logger.info("reconciling %s: %s", row.day, refused)
    return 1


def _open_days(newest: date, now: datetime) -> None:
    """Make the days since the first that was ever reconciled due, where they are not known yet."""
    if not (Charge.objects.exists() or Line.objects.filter(account__kind=AccountKind.PROVIDER_CLEARING).exists()):
        return
    first = Reconciliation.objects.order_by("day").values_list("day", flat=True).first() or newest
    begin = max(min(first, newest), newest - timedelta(days=CATCH_UP))
    known = set(Reconciliation.objects.filter(day__gte=begin).values_list("day", flat=True))
    for number in range((newest - begin).days + 1):
        day = begin + timedelta(days=number)
        if day not in known:
            Reconciliation.objects.get_or_create(day=day, defaults={"next_attempt_at": now})


@due("payments: returns")
def ask_about_returns(now: datetime) -> int:
    """Send returns of unknown receipts that are still pending, under the same numbers."""
    asked = 0
    for receipt in UnknownReceipt.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at")[:AT_ONCE]:
        asked += 1
        try:
            send_return(receipt=receipt, now=now)
        except Exception:
            logger.exception("returning %s failed", receipt)
    return asked
