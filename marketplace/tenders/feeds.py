"""The list of needs for other programs: Atom and CSV of the same conditions, and one need's dates as a calendar."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.feedgenerator import Atom1Feed
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.core.money import format_yuan, to_yuan

from .filters import TenderFilter
from .models import FIXED_PRICE, NAMED, Method, Tender
from .queries import listed, selection_label
from .states import TenderStatus

ENTRIES = 50
MAX_ROWS = 50_000
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


class TenderFeed(Feed):
    """Give the newest needs that fit the conditions of the query string."""

    feed_type = Atom1Feed
    title = gettext_lazy("鹰潭市网上中介服务超市：采购公告")
    subtitle = gettext_lazy("最新发布的采购公告")

    def get_object(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> QuerySet[Tender]:
        return TenderFilter(request.GET, queryset=listed()).qs

    def link(self, _tenders: QuerySet[Tender]) -> str:
        return "/tenders/"

    def items(self, tenders: QuerySet[Tender]) -> QuerySet[Tender]:
        return tenders[:ENTRIES]

    def item_title(self, item: Any) -> str:
        return str(item.title)

    def item_description(self, item: Any) -> str:
        words = _("%(buyer)s · %(service)s · 最高限价 %(ceiling)s 元 · %(status)s")
        if item.method in FIXED_PRICE:
            words = _("%(buyer)s · %(service)s · 价格 %(ceiling)s 元 · %(status)s")
        elif item.is_upward:
            words = _("%(buyer)s · %(service)s · 起始价 %(ceiling)s 元 · %(status)s")
        return words % {
            "buyer": item.buyer.name,
            "service": item.service.label,
            "ceiling": format_yuan(item.ceiling_fen),
            "status": item.get_status_display(),
        }

    def item_pubdate(self, item: Tender) -> datetime | None:
        return item.published_at


class _Echo:
    """Take what the CSV writer writes and hand it on."""

    def write(self, value: str) -> str:
        return value


def harmless(value: object) -> str:
    """Return a cell's text so that no spreadsheet takes it for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(_RISKY) else text


def csv_rows(tenders: QuerySet[Tender]) -> Iterator[str]:
    """Yield the needs as lines of CSV, UTF-8 with its mark so that Excel reads Chinese; amounts in yuan."""
    writer = csv.writer(_Echo())
    head = [
        _("编号"),
        _("需求名称"),
        _("项目业主"),
        _("中介服务"),
        _("服务地点"),
        _("资金性质"),
        _("选取方式"),
        _("限价、价格或起始价（元）"),
        _("状态"),
        _("发布时间"),
        _("报名截止"),
        _("选取时间"),
        _("链接"),
    ]
    yield "\ufeff" + writer.writerow(head)
    # Looked up once: get_x_display translates every choice again for every row.
    choices = [*Tender.MoneyKind.choices, *Method.choices, *TenderStatus.choices]
    words = {value: str(label) for value, label in choices}
    plain = tenders.defer("rules", "description", "service__requirement")
    for tender in plain[:MAX_ROWS].iterator(chunk_size=500):
        cells = [
            tender.number,
            tender.title,
            tender.buyer.name,
            tender.service.label,
            tender.region.label,
            words[tender.money_kind],
            words[tender.method],
            to_yuan(tender.ceiling_fen),
            words[tender.status],
            localtime(tender.published_at).strftime("%Y-%m-%d %H:%M"),
            localtime(tender.signup_ends_at).strftime("%Y-%m-%d %H:%M"),
            localtime(tender.selection_at).strftime("%Y-%m-%d %H:%M"),
            settings.BASE_URL + tender.get_absolute_url(),
        ]
        yield writer.writerow([harmless(cell) for cell in cells])


def calendar_of(tender: Tender) -> str:
    """Return a need's dates as an iCalendar file (RFC 5545): lines end in CRLF and fold at 75 octets."""
    address = settings.BASE_URL + tender.get_absolute_url()
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//intermediary-marketplace//tenders//ZH", "CALSCALE:GREGORIAN"]
    dates = [
        (
            "selection",
            f"{selection_label(tender.method)}：%(title)s",
            tender.selection_at,
            tender.auction_ends_at or tender.selection_at,
        )
    ]
    if tender.method not in NAMED:
        dates.insert(0, ("signup", _("报名截止：%(title)s"), tender.signup_ends_at, tender.signup_ends_at))
    for name, words, start, end in dates:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{tender.number}-{name}@{tender.process.ocid}",
            f"DTSTAMP:{_utc(tender.published_at or tender.created_at)}",
            f"DTSTART:{_utc(start)}",
            f"DTEND:{_utc(end)}",
            f"SUMMARY:{_escape(words % {'title': tender.title})}",
            f"URL:{address}",
            "END:VEVENT",
        ]
    return "".join(f"{_fold(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escape(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r", "").replace("\n", "\\n")


def _fold(line: str) -> str:
    pieces, piece = [], ""
    for sign in line:
        if len((piece + sign).encode()) > 73:
            pieces.append(piece)
            piece = ""
        piece += sign
    return "\r\n ".join([*pieces, piece])
