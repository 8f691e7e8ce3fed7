"""Run the local Alipay gateway: `manage.py alipay_sandbox --port 8001`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from payments.sandbox.server import Sandbox


class Command(BaseCommand):
    help = "Run the local Alipay gateway (invented money, real protocol)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--speed", type=float, default=1.0, help="divide the waiting times between notices")
        parser.add_argument("--force", action="store_true", help="run although neither DEMO nor DEBUG is on")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION or not (settings.DEMO or settings.DEBUG or options["force"]):
            raise CommandError("The local gateway runs only with DEMO=1 or DEBUG=1 (or --force), never in production.")
        if options["speed"] <= 0:
            raise CommandError("--speed must be above zero.")
        sandbox = Sandbox(Path(settings.ALIPAY_SANDBOX_DIR), app_id=settings.ALIPAY_APP_ID, speed=options["speed"])
        sandbox.notifier.start()
        self.stdout.write(f"Local Alipay gateway on http://{options['host']}:{options['port']}/gateway.do")
        try:
            uvicorn.run(
                sandbox.asgi,
                host=options["host"],
                port=options["port"],
                interface="asgi3",
                lifespan="off",
                log_level="warning",
                access_log=False,
            )
        finally:
            sandbox.notifier.stop()
            sandbox.store.close()
