"""Run the local licence library: `manage.py licence_sandbox --port 8003`."""

from __future__ import annotations

import threading
from argparse import ArgumentParser
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.licences.sandbox.invented import seed_newcomers
from marketplace.licences.sandbox.server import Library

THREADS = 32  # slow answers wait in them, and the control page must still come through


class Command(BaseCommand):
    help = "Run the local licence library (invented licences, real interface), on loopback only."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8003)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The local licence library never runs in production: set LICENCE_LIBRARY_URL.")
        library = Library(settings.DATA_DIR / "licence_sandbox", key=settings.LICENCE_LIBRARY_KEY)
        seed_newcomers(library.store, today=timezone.localdate())
        threading.Thread(target=library.warm_up, daemon=True).start()
        self.stdout.write(f"Local licence library on http://127.0.0.1:{options['port']}/")
        try:
            uvicorn.run(
                WSGIMiddleware(library, workers=THREADS),  # type: ignore[arg-type]  # its receive() and send() are typed closer
                host="127.0.0.1",
                port=options["port"],
                lifespan="off",
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=3,
            )
        finally:
            library.close()
