"""Recompute finished choices of firms and say whether they come out the same."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.awards.queries import finished_selections, replay


class Command(BaseCommand):
    help = "重新计算选取结果：replay YT2026-000001 … 或 replay --all。与原结果有任何不同即失败。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("numbers", nargs="*", metavar="number", help="采购编号")
        parser.add_argument("--all", action="store_true", help="全部已产生结果的需求")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["numbers"]) == options["all"]:
            raise CommandError("Name the needs to replay, or say --all.")
        rows = finished_selections()
        if not options["all"]:
            rows = rows.filter(tender__number__in=options["numbers"])
            known = set(rows.values_list("tender__number", flat=True))
            if missing := sorted(set(options["numbers"]) - known):
                raise CommandError(f"No finished choice: {', '.join(missing)}")
        count, wrong = 0, 0
        for selection in rows.iterator():
            faults = list(replay(selection))
            count, wrong = count + 1, wrong + bool(faults)
            for fault in faults:
                self.stderr.write(self.style.ERROR(fault))
            if not options["all"] and not faults:
                first = selection.result["ranking"][0]
                self.stdout.write(
                    f"{selection.tender.number}: {first['firm']} ({first['code']}), {first['amount_fen']} fen"
                )
        if wrong:
            raise CommandError(f"{wrong} of {count} choices do not come out again")
        self.stdout.write(self.style.SUCCESS(f"{count} choices replayed, every one to the same winner"))
