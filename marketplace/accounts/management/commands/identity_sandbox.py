"""Run the local identity provider: `manage.py identity_sandbox --port 8004`."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

ROOT = Path(__file__).resolve().parents[4]
PASSWORD = "demo-2026-yt"  # noqa: S105 - of invented people; the provider's page prints it


class Command(BaseCommand):
    help = "Run the local identity provider (invented people, real OpenID Connect), on loopback only."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8004)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The local identity provider never runs in production: set IDENTITY_ISSUER.")
        issuer = f"http://127.0.0.1:{options['port']}"
        clients = settings.IDENTITY_CLIENTS
        if any(client["issuer"] != issuer for client in clients.values()) or not clients:
            raise CommandError(f"IDENTITY_ISSUER names another provider than {issuer}: nobody would come.")
        self.stdout.write(f"Local identity provider on {issuer}/")
        self.stdout.flush()
        # It is a project of its own with its own settings, and takes this process's place.
        os.execve(  # noqa: S606 - our own module
            sys.executable,
            [sys.executable, "-m", "marketplace.accounts.sandbox", str(options["port"])],
            {
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
                "IDENTITY_SANDBOX_DIR": str(settings.DATA_DIR / "identity_sandbox"),
                "IDENTITY_SANDBOX_ISSUER": issuer,
                "IDENTITY_SANDBOX_CLIENTS": json.dumps(clients),
                "IDENTITY_SANDBOX_RETURNS": json.dumps(origins(settings.BASE_URL)),
                "IDENTITY_SANDBOX_PASSWORD": PASSWORD,
            },
        )


def origins(base: str) -> list[str]:
    """Return where the marketplace is reached: its address, and on this machine under either of its names."""
    parts = urlsplit(base)
    if parts.hostname not in {"127.0.0.1", "localhost"}:
        return [base]
    port = f":{parts.port}" if parts.port else ""
    return [f"{parts.scheme}://{name}{port}" for name in ("127.0.0.1", "localhost")]
