"""The operators' desk of auctions: what runs and what comes, to pause and to resume."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column

from marketplace.bidding.actions import pause_auction, resume_auction
from marketplace.bidding.models import Auction
from marketplace.bidding.states import AUCTION, AuctionStatus
from marketplace.core.event_words import label_words
from marketplace.core.money import format_yuan
from marketplace.tenders.models import Tender

from .columns import MomentColumn, MoneyColumn, StateColumn
from .desk import Desk, Verb

RUNNING = (AuctionStatus.OPEN, AuctionStatus.PAUSED)


def need(tender: Tender) -> str:
    """Link a need."""
    return format_html('<a href="{}">{}</a> {}', tender.get_absolute_url(), tender.title, tender.number)


def best(row: Auction) -> int | None:
    """Return the best price where it may be seen."""
    return None if row.keeps_amounts else row.best_fen


class AuctionDesk(Desk):
    """Look at auctions, those that run first; pause and resume one."""

    model = Auction
    icon = "time"
    menu_label = gettext_lazy("竞价")
    related = ("tender__process", "tender__buyer", "leader")
    list_display = [
        "tender",
        Column("mode", label=gettext_lazy("竞价模式"), accessor="get_mode_display", sort_key="mode"),
        MomentColumn("opens_at", label=gettext_lazy("开始"), sort_key="opens_at"),
        MomentColumn("ends_at", label=gettext_lazy("结束"), sort_key="ends_at"),
        Column("sequence", label=gettext_lazy("报价次数"), sort_key="sequence"),
        MoneyColumn("best", label=gettext_lazy("最优报价"), accessor=best),
        StateColumn(),
    ]
    list_filter = {"status": ["exact"], "mode": ["exact"]}
    search_fields = ["tender__title", "tender__number", "tender__buyer__name"]
    search_backend_name = None
    ordering = ("runs", "opens_at")
    inspect_view_fields = [
        "tender", "status", "mode", "direction", "sealed_first", "opens_at", "ends_at", "hard_ends_at", "paused_at",
        "ceiling_fen", "step_fen", "best_fen", "sequence", "extensions", "round",
    ]  # fmt: skip
    labels = {
        "tender": gettext_lazy("采购需求"), "ceiling_fen": gettext_lazy("限价或起始价"), "step_fen": gettext_lazy("最小幅度"),
        "best_fen": gettext_lazy("最优报价"),
    }  # fmt: skip
    verbs = (
        Verb(
            "pause",
            gettext_lazy("暂停竞价"),
            lambda row, reason, by, _now: pause_auction(auction=row, reason=reason, by=by),
            lambda row: row.status == AuctionStatus.OPEN and AUCTION.allows(row.status, AuctionStatus.PAUSED),
            gettext_lazy("竞价已暂停，理由已公开；恢复之前不受理报价。"),
            hint=gettext_lazy("理由会在竞价室公开，例如“核实一家机构反映的故障”。暂停多久，结束时间就顺延多久。"),
            is_danger=True,
        ),
        Verb(
            "resume",
            gettext_lazy("恢复竞价"),
            lambda row, reason, by, _now: resume_auction(auction=row, reason=reason, by=by),
            lambda row: row.status == AuctionStatus.PAUSED,
            gettext_lazy("竞价已恢复，结束时间已顺延。"),
            hint=gettext_lazy("理由会在竞价室公开，例如“故障已排除”。"),
        ),
    )

    def rows(self) -> QuerySet[Any]:
        """Put what runs first, then what comes."""
        rank = Case(
            When(status__in=RUNNING, then=Value(0)),
            When(status=AuctionStatus.SCHEDULED, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        return super().rows().annotate(runs=rank)

    def links(self, row: Auction) -> list[tuple[str, str]]:
        """Lead to the bids of this auction, to requests to declare one void, and to what was refused."""
        number = row.tender.number
        return [
            (f"{reverse('desk_bids:index')}?tender={number}", _("这场竞价的报价")),
            (f"{reverse('desk_voids:index')}?tender={number}", _("作废申请")),
            (f"{reverse('desk_refused:index')}?tender={number}", _("没有受理的报价")),
        ]

    def show_tender(self, row: Auction) -> str:
        """Link the need."""
        return need(row.tender)

    def show_best_fen(self, row: Auction) -> str:
        """Show the best price and its label; by rank not before the end."""
        if row.keeps_amounts:
            return _("只见名次，结束后公开")
        if row.best_fen is None or row.leader is None:
            return _("还没有报价")
        return f"¥{format_yuan(row.best_fen)}（{label_words(row.leader.label)}）"
