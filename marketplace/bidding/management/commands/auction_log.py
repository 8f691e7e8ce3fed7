"""Print the log of a finished auction, as the public downloads it."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.bidding.export import OVER, auction_log
from marketplace.bidding.models import Auction


class Command(BaseCommand):
    help = "打印一场已结束竞价的公开记录：auction_log YT2026-000001 > log.json，再用 verify_auction.py 核对。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="采购编号")

    def handle(self, *args: Any, **options: Any) -> None:
        auction = Auction.objects.select_related("tender").filter(tender__number=options["number"]).first()
        if auction is None:
            raise CommandError(f"No auction: {options['number']}")
        if auction.status not in OVER:
            raise CommandError(f"{options['number']} is not over: {auction.status}")
        self.stdout.write(json.dumps(auction_log(auction), ensure_ascii=False, indent=1))
