"""Rebuild, roll back, check or describe the search index."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page

from search import changes, sources
from search.actions import register
from search.documents import Kind
from search.engine import Adapter, Suspicious, Unavailable, connect, differences, rebuild
from search.watching import out_of_step


class Command(BaseCommand):
    help = (
        "检索索引：rebuild 重建（--force 不比较数量），rollback 退回上一代，check 核对（--repair 修复），status 概况。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["rebuild", "rollback", "check", "status"])
        parser.add_argument("--repair", action="store_true", help="核对时把不一致的文档改正")
        parser.add_argument("--force", action="store_true", help="重建后数量骤减也启用")

    def handle(self, *args: Any, action: str, repair: bool, force: bool, **options: Any) -> None:
        index = connect()
        try:
            if action == "check":
                self.check_index(index, is_repairing=repair)
            elif action == "rebuild":
                self.rebuild(index, is_forced=force)
            elif action == "rollback":
                self.roll_back(index)
            else:
                self.status(index)
        except Unavailable as error:
            raise CommandError(_("检索服务没有应答：%(error)s") % {"error": error}) from error

    def rebuild(self, index: Adapter, *, is_forced: bool) -> None:
        """Fill a new generation while searches go on, and let it answer."""
        begun = time.monotonic()
        progress = self.progress(expected())
        try:
            built = rebuild(index, changes.settled_event(), progress, is_forced=is_forced)
        except Suspicious as error:
            raise CommandError(
                _("新索引的数量不对，仍由原索引应答：%(error)s。确认无误后可用 --force 重建。") % {"error": error}
            ) from error
        self.stdout.write(
            _("写入 %(written)d 篇，补记 %(replayed)d 篇，用时 %(seconds).1f 秒。")
            % {
                "written": sum(built.written.values()),
                "replayed": built.replayed,
                "seconds": time.monotonic() - begun,
            }
        )

    def progress(self, total: int) -> Callable[[int], None]:
        """Return what shows how far a rebuild is: one line that renews itself, or in a log one for each tenth."""
        shown = 0

        def show(count: int) -> None:
            nonlocal shown
            share = min(100, 100 * count // max(1, total))
            if self.stdout.isatty():
                self.stdout.write(f"\r{count} / {total}  {share} %", ending="\r" if count >= total else "")
                self.stdout.flush()
            elif share // 10 > shown:
                shown = share // 10
                self.stdout.write(f"{count} / {total}  {share} %")

        return show

    def roll_back(self, index: Adapter) -> None:
        """Let the generation before answer again, and bring it up to date."""
        try:
            name = index.roll_back()
        except LookupError as error:
            raise CommandError(_("没有可以退回的上一代索引。")) from error
        self.stdout.write(_("现由 %(name)s 应答。") % {"name": name})
        self.check_index(index, is_repairing=True)

    def check_index(self, index: Adapter, *, is_repairing: bool) -> None:
        """Compare documents and saved searches with the index; repair what differs when asked."""
        version = sources.newest_event()
        missing, stale, surplus = differences(index, sources.documents(version))
        saved = out_of_step()
        if not (missing or stale or surplus or saved):
            self.stdout.write(_("索引与数据库一致。"))
            return
        for words, keys in ((_("缺少"), missing), (_("过时"), stale), (_("多余"), surplus)):
            for key in keys:
                self.stdout.write(f"{words} {key}")
        for number in saved:
            self.stdout.write(_("已存的搜索 %(number)d 未按其状态登记") % {"number": number})
        count = len(missing) + len(stale) + len(surplus) + len(saved)
        if not is_repairing:
            raise CommandError(
                ngettext(
                    "有 %(count)d 处不一致，可用 --repair 修复。", "有 %(count)d 处不一致，可用 --repair 修复。", count
                )
                % {"count": count}
            )
        # What differs may carry the newest version already, so the repair writes at that version and not below it.
        at = max(version, index.status().newest_version)
        for key in (*missing, *stale, *surplus):
            changes.put(index, key, at)
        for number in saved:
            register(number=number)
        self.stdout.write(_("已修复 %(count)d 处。") % {"count": count})

    def status(self, index: Adapter) -> None:
        """Say what the index holds."""
        found = index.status()
        self.stdout.write(f"{found.adapter}  {found.place}  {found.bytes / 1024 / 1024:.1f} MB")
        for kind in Kind:
            self.stdout.write(f"{kind.label}  {found.documents.get(kind, 0)}")
        self.stdout.write(_("最新版本 %(version)d") % {"version": found.newest_version})


def expected() -> int:
    """Return about how many documents there are."""
    pages = Page.objects.live().public().filter(depth__gt=2)
    return sum(rows.count() for rows in (sources.services(), sources.firms(), sources.tenders(), pages))
