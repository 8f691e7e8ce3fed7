"""Reconcile a day: `manage.py reconcile --day 2026-11-25`, with `--file` for bills that came by another way."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.core.money import format_yuan
from marketplace.core.refusals import Refused
from payments.actions.bills import take_bill
from payments.actions.reconciliation import in_words, reconcile_day
from payments.bills.states import BreakStatus, DayStatus
from payments.models import BillKind, Break, LineType, Reconciliation


class Command(BaseCommand):
    help = "与支付宝的日账单逐笔核对一天：下载账单（或用 --file 指定），列出差异。重复运行没有副作用。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", required=True, type=date.fromisoformat, help="账单日，例如 2026-11-25")
        parser.add_argument("--file", action="append", default=[], type=Path, help="账单压缩包，可写多次；不再下载")
        parser.add_argument("--again", action="store_true", help="已有账单也重新下载")

    def handle(self, *args: Any, **options: Any) -> None:
        day = options["day"]
        try:
            for path in options["file"]:
                try:
                    content = path.read_bytes()
                except OSError as error:
                    raise CommandError(f"读不到文件 {path}：{error.strerror}。") from error
                bill = take_bill(content=content, day=day, progress=self._say)
                self._say(f"{bill}：{bill.lines_count} 行，SHA-256 {bill.sha256}")
            fetch = not options["file"]
            row = reconcile_day(day=day, again=options["again"], fetch=fetch, progress=self._say)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self._report(row)
        if row.status == DayStatus.FAILED:
            raise CommandError(f"{day} 没有对成：{row.failure}")

    def _say(self, words: str) -> None:
        self.stdout.write(words)

    def _report(self, row: Reconciliation) -> None:
        for kind in LineType:
            ours, theirs = row.ours.get(kind, 0), row.theirs.get(kind, 0)
            if ours or theirs:
                self._say(f"{kind.label}：本地 {format_yuan(ours)} 元，支付宝 {format_yuan(theirs)} 元")
        for book, counts in row.counts.items():
            self._say(f"{BillKind(book).label}：{in_words(counts)}")
        for one in Break.objects.filter(day=row.day).exclude(status=BreakStatus.RESOLVED):
            self._say(f"  {one.get_cls_display()} {one.get_type_display()} {one.out_trade_no} {one.says}")
        self._say(f"{row.day}：{row.get_status_display()}{'。' + row.failure if row.failure else ''}")
