"""Take a bill in: ask the provider for it, keep its file, read its lines. A bill that is wrong is refused whole."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused
from payments import gateways
from payments.alipay.answers import Rejected, Unknown
from payments.bills.matching import day_of
from payments.bills.reading import BillRefused, Reading, open_bill
from payments.bills.rows import Row
from payments.models import Bill, BillKind, BillLine

logger = logging.getLogger(__name__)
BATCH = 2_000  # lines written in one transaction: others write between
READ_WITHIN = timedelta(minutes=15)  # a reading older than this has died
Progress = Callable[[str], None]


def silent(_words: str) -> None:
    """Say nothing about progress."""


def require_finance(by: Any) -> None:
    """Let in the system and staff; refuses others with `reconciliation_not_allowed`."""
    if by is not None and not getattr(by, "is_staff", False):
        raise Forbidden("reconciliation_not_allowed", _("只有管理机构的财务人员可以办理对账。"))


def take_bill(
    *,
    content: bytes,
    day: date | None = None,
    kind: str | None = None,
    by: Any = None,
    now: datetime | None = None,
    progress: Progress = silent,
) -> Bill:
    """Keep a bill's file and read it; it becomes the current one of its day and kind. The same file again changes nothing.

    `day` and `kind` are what the bill must be of, where that is known. Lines are written in short transactions, and nobody
    sees them before the last: a bill that is refused, or whose reading dies, leaves nothing that counts. Call it outside a
    transaction. Refuses with `bill_refused` (file, row and column in its sentence), `bill_busy`, `reconciliation_not_allowed`.
    """
    now = now or clock.now()
    require_finance(by)
    digest = hashlib.sha256(content).hexdigest()
    file = io.BytesIO(content)
    with open_bill(file, account=settings.ALIPAY_SELLER_ID, day=day, kind=kind) as reading:
        head = reading.head
        if head.day >= day_of(now):
            raise BillRefused(_("这一天还没有过完，账单不可能完整。"))
        bill = _begin(head.kind, head.day, digest, content, by, now)
        if not bill.sums:
            try:
                _read(bill, reading, progress)
            except BaseException:
                _forget(bill)
                raise
    with transaction.atomic():
        same = Bill.objects.select_for_update().filter(day=bill.day, kind=bill.kind)
        list(same.order_by("pk").values_list("pk", flat=True))
        same.exclude(pk=bill.pk).filter(is_current=True).update(is_current=False)
        same.filter(pk=bill.pk).update(is_current=True)
    bill.refresh_from_db()
    return bill


def _begin(kind: str, day: date, digest: str, content: bytes, by: Any, now: datetime) -> Bill:
    """Return the row of this file: one that is read to its end, or a new one to read into."""
    earlier = Bill.objects.filter(day=day, kind=kind, sha256=digest).first()
    if earlier is not None and earlier.sums:
        return earlier
    if earlier is not None:
        if now - earlier.downloaded_at < READ_WITHIN:
            raise Refused("bill_busy", _("这份账单正在读取，请稍后再试。"))
        _forget(earlier)
    bill = Bill(day=day, kind=kind, sha256=digest, downloaded_at=now, uploaded_by=by)
    bill.file.save(f"{day.isoformat()}_{kind}_{digest[:16]}.zip", ContentFile(content), save=False)
    try:
        with transaction.atomic():
            bill.save(force_insert=True)
    except IntegrityError as error:
        bill.file.delete(save=False)
        raise Refused("bill_busy", _("这份账单正在读取，请稍后再试。")) from error
    return bill


def _read(bill: Bill, reading: Reading, progress: Progress) -> None:
    rows = reading.rows()
    count = 0
    while batch := list(islice(_lines(bill, rows), BATCH)):
        BillLine.objects.bulk_create(batch)
        count += len(batch)
        progress(_("%(kind)s：已读 %(count)s 行") % {"kind": BillKind(bill.kind).label, "count": count})
    bill.lines_count = count
    bill.sums = reading.sums.as_data()
    bill.save(update_fields=["lines_count", "sums"])


def _lines(bill: Bill, rows: Iterator[Row]) -> Iterator[BillLine]:
    for row in rows:
        yield BillLine(
            bill=bill,
            number=row.number,
            serial=row.serial,
            trade_no=row.trade_no,
            out_trade_no=row.out_trade_no,
            type=row.type,
            request_no=row.request_no,
            amount_fen=row.amount_fen,
            fee_fen=row.fee_fen,
            balance_fen=row.balance_fen,
            at=row.at,
            status=row.status,
        )


def _forget(bill: Bill) -> None:
    """Leave nothing of a bill that was not read to its end."""
    bill.rows.all().delete()
    bill.delete()
    bill.file.delete(save=False)


def fetch_bill(*, day: date, kind: str, now: datetime, progress: Progress = silent) -> Bill | Rejected | Unknown:
    """Ask the provider for a bill and take it in. Call it outside a transaction.

    Rejected with `BILL_NOT_EXIST` says that there is none yet, or none at all; Unknown that nobody answered. Refuses as
    `take_bill` does.
    """
    gateway = gateways.alipay()
    answer = gateway.bill_url(day=day, kind=kind)
    if isinstance(answer, Rejected | Unknown):
        return answer
    try:
        content = gateway.download(answer.url)  # at once: the link holds for 30 seconds
    except Exception as error:  # noqa: BLE001 - whatever it was, the bill is still to be fetched
        logger.warning("the bill %s of %s could not be downloaded: %s", kind, day, error)
        return Unknown(f"{type(error).__name__}: {error}"[:500])
    return take_bill(content=content, day=day, kind=kind, now=now, progress=progress)
