"""Days and bills for the tests of reconciliation: the provider's side is a shelf of files in Alipay's layout."""

from datetime import UTC, date, datetime

from payments.actions.bills import take_bill
from payments.actions.reconciliation import reconcile_day
from payments.models import Break
from tests.factories.bills import fund_bill, fund_lines, trade_bill

DAY = date(2026, 11, 25)
MORNING = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)  # 09:30 in China


def take(content, **options):
    return take_bill(content=content, now=options.pop("now", MORNING), **options)


def take_both(traded, moved=(), day=DAY, **options):
    """Take the trade bill and the fund bill of the same trades, with other movements."""
    take(trade_bill(day, traded), **options)
    take(fund_bill(day, fund_lines(traded, moved)), **options)


def run(day=DAY, now=MORNING, **options):
    """Reconcile with the bills that are there."""
    return reconcile_day(day=day, now=now, fetch=False, **options)


def found(day=DAY, book=None, everything=False):
    """Return the breaks of a day as (order number, class)."""
    rows = Break.objects.filter(day=day)
    rows = rows.filter(book=book) if book else rows
    rows = rows if everything else rows.exclude(status="resolved")
    return sorted((row.out_trade_no, row.cls) for row in rows)
