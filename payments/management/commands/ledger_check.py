"""Prove the ledger, and say what stands where."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Sum

from marketplace.core.money import format_yuan
from marketplace.core.proofs import PROOFS
from payments.models import AccountKind, Balance, Entry, Line

NAMES = ("ledger", "escrow")


class Command(BaseCommand):
    help = (
        "核对账本：合计为零、分录皆平、余额等于分录之和、各账户与付款、退款、结算和合同节点一致。任何一处不符即失败。"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        faults = [sentence for name in NAMES if name in PROOFS for sentence in PROOFS[name]()]
        took = time.monotonic() - began
        self.stdout.write(f"{Entry.objects.count():,} entries, {Line.objects.count():,} lines, proved in {took:.2f} s")
        sums = Balance.objects.order_by().values_list("account__kind").annotate(fen=Sum("amount_fen"), many=Count("pk"))
        for kind, fen, many in sorted(sums):
            label = AccountKind(kind).label
            self.stdout.write(f"  {kind:18} {format_yuan(int(fen)):>20}  {many:>8,}  {label}")
        for sentence in faults:
            self.stderr.write(self.style.ERROR(f"  {sentence}"))
        if faults:
            raise CommandError(f"{len(faults)} faults")
        self.stdout.write("ledger: ok")
