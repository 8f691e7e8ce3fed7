"""Run every proof that the chapters registered."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.core.proofs import PROOFS


class Command(BaseCommand):
    help = "运行全部核对（审计链、账目、检索等），任何一处不符即失败。"

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        for name, proof in PROOFS.items():
            wrong = list(proof())
            failed += len(wrong)
            self.stdout.write(f"{name}: {'ok' if not wrong else f'{len(wrong)} faults'}")
            for sentence in wrong:
                self.stderr.write(self.style.ERROR(f"  {sentence}"))
        if failed:
            raise CommandError(f"{failed} faults")
