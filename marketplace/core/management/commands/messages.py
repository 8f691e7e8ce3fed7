"""Write, check or compile the message catalogues in locale/."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.core import catalogues


class Command(BaseCommand):
    help = "Renew locale/ from the sources and compile it; --check only reports, --compile only compiles."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--check", action="store_true", help="change nothing; fail when a text is not in order")
        group.add_argument("--compile", action="store_true", help="only write the .mo files")

    def handle(self, *args: Any, **options: Any) -> None:
        root = settings.BASE_DIR
        if options["check"]:
            found = list(catalogues.problems(root))
            for line in found:
                self.stdout.write(line)
            if found:
                raise CommandError(f"{len(found)} faults in the message catalogues; `make messages` renews them.")
            return
        if not options["compile"]:
            for line in catalogues.summary(catalogues.update(root)):
                self.stdout.write(line)
        catalogues.compile_all(root)
