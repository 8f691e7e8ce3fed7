"""`manage.py load_catalog`: load regions, kinds of qualification, matters, services and the working calendar."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from marketplace.catalog.actions import load_calendar, load_catalog
from marketplace.core import clock


class Command(BaseCommand):
    help = "Load the published catalogue (regions, kinds of qualification, matters, services) and the working calendar."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--renew", action="store_true", help="bring rows that exist to what the files say")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        done = load_catalog(now=now, renew=options["renew"]) | {"workdays": load_calendar(now=now)}
        self.stdout.write(", ".join(f"{name} {count}" for name, count in done.items()))
