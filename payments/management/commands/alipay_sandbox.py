"""Run the local Alipay gateway: `manage.py alipay_sandbox --port 8001`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from payments.sandbox.certificates import ensure_sandbox_certificates
from payments.sandbox.server import Sandbox
from payments.sandbox.splits import PERCENT


class Command(BaseCommand):
    help = "Run the local Alipay gateway (invented money, real protocol)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--speed", type=float, default=1.0, help="divide the waiting times between notices")
        parser.add_argument(
            "--split-percent", type=int, default=PERCENT, help="most of a payment that may be split off"
        )
        parser.add_argument("--certificates", action="store_true", help="say which settings speak certificate mode")
        parser.add_argument("--force", action="store_true", help="run although neither DEMO nor DEBUG is on")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION or not (settings.DEMO or settings.DEBUG or options["force"]):
            raise CommandError("The local gateway runs only with DEMO=1 or DEBUG=1 (or --force), never in production.")
        if options["speed"] <= 0:
            raise CommandError("--speed must be above zero.")
        if not 0 < options["split_percent"] <= 100:
            raise CommandError("--split-percent must lie between 1 and 100.")
        folder, app_id = Path(settings.ALIPAY_SANDBOX_DIR), settings.ALIPAY_APP_ID
        if options["certificates"]:
            for line in certificate_settings(folder, app_id):
                self.stdout.write(line)
        sandbox = Sandbox(folder, app_id=app_id, speed=options["speed"], split_percent=options["split_percent"])
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


def certificate_settings(folder: Path, app_id: str) -> list[str]:
    """Return the environment that makes the marketplace speak certificate mode with this gateway."""
    files = ensure_sandbox_certificates(folder, app_id=app_id)
    return [
        f"ALIPAY_APP_CERT={files.app_cert}",
        f"ALIPAY_CERT={files.alipay_cert}",
        f"ALIPAY_ROOT_CERT={files.root_cert}",
    ]
