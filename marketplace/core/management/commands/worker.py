"""Run the worker until it is stopped."""

import signal
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from marketplace.core import clock
from marketplace.core.worker import run_round


class Command(BaseCommand):
    help = "处理到期事项（开标、收标、公示期满、付款查询、待送达事件）。可同时运行多个。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="只运行一轮")
        parser.add_argument("--interval", type=float, default=1.0, help="两轮之间的秒数")

    def handle(self, *args: Any, **options: Any) -> None:
        stopping: list[int] = []
        for wanted in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wanted, lambda number, _frame: stopping.append(number))
        while not stopping:
            close_old_connections()
            done = {name: count for name, count in run_round(clock.now()).items() if count}
            if done:
                self.stdout.write(", ".join(f"{name}: {count}" for name, count in done.items()))
                self.stdout.flush()
            if options["once"]:
                return
            time.sleep(options["interval"])
