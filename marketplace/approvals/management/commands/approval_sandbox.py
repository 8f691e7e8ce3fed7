"""Run the local approval platform: `manage.py approval_sandbox --port 8002`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.approvals.sandbox.server import Platform

THREADS = 16  # a message that takes its time does not keep the others waiting


class Command(BaseCommand):
    help = "Run the local approval platform (invented projects, real interface), on loopback only."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8002)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The local approval platform never runs in production: set APPROVAL_PLATFORM_URL.")
        platform = Platform(settings.DATA_DIR / "approval_sandbox", key=settings.APPROVAL_PLATFORM_KEY)
        self.stdout.write(f"Local approval platform on http://127.0.0.1:{options['port']}/")
        try:
            uvicorn.run(
                WSGIMiddleware(platform, workers=THREADS),  # type: ignore[arg-type]  # its receive() and send() are typed closer
                host="127.0.0.1",
                port=options["port"],
                lifespan="off",
                log_level="warning",
                access_log=False,
            )
        finally:
            platform.store.close()
