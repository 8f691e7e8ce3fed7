"""Tell the local identity provider whom it can prove: the demo's people and firms."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.demo.identities import write_roster


class Command(BaseCommand):
    help = "把演示的人和单位写给本地统一身份认证。"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("PRODUCTION: the local identity provider is never used in production.")
        count = write_roster(settings.DATA_DIR / "identity_sandbox")
        self.stdout.write(f"  {count} 位个人和法人经办人")
