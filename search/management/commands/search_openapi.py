"""Write the OpenAPI description of search: `manage.py search_openapi > docs/search_openapi.yaml`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.core.openapi import written
from search.api.openapi import document


class Command(BaseCommand):
    help = "输出检索接口的 OpenAPI 描述。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(written(document()), ending="")
