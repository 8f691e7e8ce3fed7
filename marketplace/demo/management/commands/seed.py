"""Build the demo world in an empty database."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.demo import people, world
from marketplace.parties.models import Organization


class Command(BaseCommand):
    help = "建立演示用的世界：机构、业主、120 项采购及其全过程、页面。全部通过与真人相同的操作生成。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--share", type=float, default=1.0, help="只建一部分，例如 0.1（用于测试）")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("PRODUCTION: the demo world is never built in production.")
        if Organization.objects.exists():
            raise CommandError("The database is not empty: the demo world is built once, in an empty one.")
        started, shown = time.monotonic(), {"step": "", "percent": -1}

        def report(step: str, done: int, total: int) -> None:
            percent = done * 100 // max(total, 1)
            if step != shown["step"] or percent // 10 > int(str(shown["percent"])) // 10 or done == total:
                self.stdout.write(f"  {step} {done}/{total}")
                self.stdout.flush()
                shown.update(step=step, percent=percent)

        share = min(max(options["share"], 0.0), 1.0)
        world.build(report, firms=max(24, round(people.FIRMS * share)), share=share)
        self._pages()
        self.stdout.write(self.style.SUCCESS(f"  演示数据已就绪，用时 {time.monotonic() - started:.0f} 秒"))

    def _pages(self) -> None:
        from cms.seed import seed_groups, seed_pages
        from search.actions import load_synonyms

        seed_pages(now=clock.now())
        load_synonyms(now=clock.now())
        groups = seed_groups()
        User.objects.get(username="admin").groups.add(groups["administrators"])
        User.objects.get(username="supervisor").groups.add(groups["supervisors"])
        self.stdout.write("  页面与通知已就绪")
        call_command("search", "rebuild", stdout=self.stdout)
