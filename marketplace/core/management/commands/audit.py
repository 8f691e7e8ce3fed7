"""Verify every event chain and say how many were whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.core.models import Event, Process
from marketplace.core.proofs import audit


class Command(BaseCommand):
    help = "核对每条事件链：序号连续、哈希相连、内容未改。"

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = list(audit())
        for sentence in wrong:
            self.stderr.write(self.style.ERROR(sentence))
        counts = f"{Process.objects.count()} processes, {Event.objects.count()} events"
        if wrong:
            raise CommandError(f"{counts}: {len(wrong)} faults")
        self.stdout.write(self.style.SUCCESS(f"{counts}: every chain is whole"))
