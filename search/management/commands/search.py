"""Rebuild, check or describe the search index."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search import sources
from search.documents import Kind
from search.engine import Adapter, Unavailable, connect, differences, rebuild


class Command(BaseCommand):
    help = "检索索引：rebuild 重建，check 核对（--repair 修复），status 概况。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["rebuild", "check", "status"])
        parser.add_argument("--repair", action="store_true", help="核对时把不一致的文档改正")

    def handle(self, *args: Any, action: str, repair: bool, **options: Any) -> None:
        index = connect()
        try:
            if action == "check":
                self.check_index(index, repair=repair)
            else:
                getattr(self, action)(index)
        except Unavailable as error:
            raise CommandError(_("检索服务没有应答：%(error)s") % {"error": error}) from error

    def rebuild(self, index: Adapter) -> None:
        """Write every document anew while searches go on."""
        version, begun = sources.newest_event(), time.monotonic()

        def progress(count: int) -> None:
            if options_show:
                self.stdout.write(f"\r{count}", ending="")
                self.stdout.flush()

        options_show = self.stdout.isatty()
        written, swept = rebuild(index, sources.documents(version), version, progress)
        if options_show:
            self.stdout.write("\r", ending="")
        self.stdout.write(
            _("写入 %(written)d 篇，清除 %(swept)d 篇，用时 %(seconds).1f 秒。")
            % {"written": written, "swept": swept, "seconds": time.monotonic() - begun}
        )

    def check_index(self, index: Adapter, *, repair: bool) -> None:
        """Compare the database with the index; repair what differs when asked."""
        version = sources.newest_event()
        missing, stale, surplus = differences(index, sources.documents(version))
        if not missing and not stale and not surplus:
            self.stdout.write(_("索引与数据库一致。"))
            return
        for words, keys in ((_("缺少"), missing), (_("过时"), stale), (_("多余"), surplus)):
            for key in keys:
                self.stdout.write(f"{words} {key}")
        count = len(missing) + len(stale) + len(surplus)
        if not repair:
            raise CommandError(
                ngettext(
                    "有 %(count)d 处不一致，可用 --repair 修复。", "有 %(count)d 处不一致，可用 --repair 修复。", count
                )
                % {"count": count}
            )
        wanted = {*missing, *stale}
        # What differs may carry the newest version already, so the repair writes at that version and not below it.
        at = max(version, index.status().newest_version)
        index.index(document for document in sources.documents(at) if document.key in wanted)
        for key in surplus:
            index.delete(key, at)
        self.stdout.write(_("已修复 %(count)d 处。") % {"count": count})

    def status(self, index: Adapter) -> None:
        """Say what the index holds."""
        found = index.status()
        self.stdout.write(f"{found.adapter}  {found.place}  {found.bytes / 1024 / 1024:.1f} MB")
        for kind in Kind:
            self.stdout.write(f"{kind.label}  {found.documents.get(kind, 0)}")
        self.stdout.write(_("最新版本 %(version)d") % {"version": found.newest_version})
