"""The merchant's bills: a link that is good for thirty seconds, and behind it the ZIP in Alipay's layout."""

from __future__ import annotations

import io
import re
import secrets
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from payments.alipay.client import CHINA

from .fund_bill import fund_bill
from .movements import movements
from .protocol import Request, business
from .store import SELLER
from .trade_bill import trade_bill
from .trades import Desk

DOWNLOAD = "/downloadBillFile.resource"
LINK_SECONDS = 30
READY, READY_DAY_OF_MONTH = time(9), 3
PRINTED = time(2, 46, 50)  # when bills are written; downloaded again, a bill is the same bytes
WRITERS = {"trade": ("业务", trade_bill), "signcustomer": ("账务", fund_bill)}


@dataclass(frozen=True)
class Period:
    """A day or a month of China: `[begin, end)`, and the time from which its bill can be had."""

    name: str
    begin: date
    end: date
    ready: datetime


def read_period(text: Any) -> Period:
    """Return the period of `yyyy-MM-dd` or `yyyy-MM`, or refuse it."""
    found = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?", text) if isinstance(text, str) else None
    try:
        if found is None:
            raise ValueError(text)
        begin = date(int(found[1]), int(found[2]), int(found[3] or 1))
        if found[3]:
            end = ready = begin + timedelta(days=1)
        else:
            end = (begin + timedelta(days=31)).replace(day=1)
            ready = end.replace(day=READY_DAY_OF_MONTH)
    except (ValueError, OverflowError) as error:
        raise business("INVAILID_ARGUMENTS", "bill_date应为yyyy-MM-dd或yyyy-MM") from error
    return Period(found[0], begin, end, datetime.combine(ready, READY, CHINA))


@dataclass
class BillDesk:
    """Give out links to bills, and the bills. A day on which nothing moved has a bill without rows [decided here]."""

    desk: Desk

    def link(self, request: Request) -> dict[str, Any]:
        """Return where a bill lies; refuses a bill that is not ready, today's above all."""
        kind = request.content.get("bill_type")
        if not isinstance(kind, str) or kind not in WRITERS:
            raise business("INVAILID_ARGUMENTS", f"bill_type应为{'或'.join(WRITERS)}")
        period = read_period(request.content.get("bill_date"))
        now = self.desk.clock()
        if now < period.ready:
            raise business("BILL_NOT_EXIST", "账单不存在")
        token = secrets.token_urlsafe(24)
        with self.desk.store.change():
            self.desk.store.run("DELETE FROM bill_link WHERE until < ?", (now.timestamp(),))
            until = now.timestamp() + LINK_SECONDS
            self.desk.store.run("INSERT INTO bill_link VALUES (?, ?, ?, ?)", (token, kind, period.name, until))
        query = urlencode({"bizType": kind, "bizDates": period.name.replace("-", ""), "token": token})
        return {"bill_download_url": f"{request.origin}{DOWNLOAD}?{query}"}

    def file(self, token: str) -> bytes | None:
        """Return the ZIP behind a link, or None when the link is unknown or its time is over."""
        link = self.desk.store.one("SELECT * FROM bill_link WHERE token = ?", (token,))
        if link is None or link["until"] < self.desk.clock().timestamp():
            return None
        return self._zip(link["kind"], read_period(link["period"]))

    def _zip(self, kind: str, period: Period) -> bytes:
        word, write = WRITERS[kind]
        begin, end = f"{period.begin} 00:00:00", f"{period.end} 00:00:00"
        rows = [movement for movement in movements(self.desk.store) if begin <= movement.at < end]
        printed = datetime.combine(period.ready.date(), PRINTED)
        head = [
            f"#账号：[{SELLER}0156]",
            f"#起始日期：[{_words(period.begin)} 00:00:00]   终止日期：[{_words(period.end)} 00:00:00]",
        ]
        foot = f"#导出时间：[{_words(printed)} {printed:%H:%M:%S}]"
        detail, summary = write(rows, head, foot)
        stem = f"{SELLER}0156_{period.name.replace('-', '')}_{word}明细"
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in ((f"{stem}.csv", detail), (f"{stem}(汇总).csv", summary)):
                entry = GbkName(name, date_time=printed.timetuple()[:6])
                archive.writestr(entry, text.encode("gb18030"), zipfile.ZIP_DEFLATED)
        return content.getvalue()


class GbkName(zipfile.ZipInfo):
    """An entry whose name is GBK without the UTF-8 flag, as in Alipay's archives; zipfile itself writes only UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's name
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def _words(day: date) -> str:
    return f"{day.year}年{day.month:02d}月{day.day:02d}日"
