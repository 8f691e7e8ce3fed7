"""Write the OpenAPI description of /v1: `manage.py payments_openapi > docs/payments_openapi.yaml`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.core.openapi import written
from payments.api.openapi import document


class Command(BaseCommand):
    help = "输出支付接口的 OpenAPI 描述。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(written(document()), ending="")
