"""Run the demo's robots until they are stopped."""

import logging
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections

from marketplace.demo.robots import Robots

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "演示机器人：始终保持至少一场现场竞价。机器人在页面上都有标注。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=1.0, help="两轮之间的秒数")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("PRODUCTION: robots never run in production.")
        stopping: list[int] = []
        for wanted in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wanted, lambda number, _frame: stopping.append(number))
        robots = Robots()
        while not stopping:
            close_old_connections()
            try:
                for word in robots.round():
                    self.stdout.write(word)
                self.stdout.flush()
            except DatabaseError:
                logger.exception("robots: the database did not answer, trying again")
            time.sleep(options["interval"])
