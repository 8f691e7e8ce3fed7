"""The operators' desks of bids: to ask that one be declared void, and to confirm it."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from marketplace.bidding.actions import confirm_void, request_void
from marketplace.bidding.models import Bid, BidVoid
from marketplace.bidding.queries import keeping_amounts
from marketplace.core.event_words import label_words
from marketplace.core.money import format_yuan

from .auctions import RUNNING, need
from .columns import MomentColumn, MoneyColumn
from .desk import Desk, DeskInspect, Verb


def void_in_words(row: Bid) -> str:
    """Say how far the void of a bid is, "" where nobody asked for it."""
    if row.voided_at is not None:
        return _("已作废")
    return _("等待第二人确认") if hasattr(row, "void") else ""


def void_done(row: Bid) -> str:
    """Say what came of asking that a bid be declared void."""
    if Bid.objects.filter(pk=row.pk, voided_at__isnull=False).exists():
        return _("报价已作废，理由已公开。")
    return _("已提出作废，请另一位管理人员在“作废申请”中确认；确认之前报价继续有效。")


class BidFilter(WagtailFilterSet):
    """Choose bids by need, kind and state of the auction."""

    tender = django_filters.CharFilter("auction__tender__number", label=gettext_lazy("采购编号"), lookup_expr="iexact")

    class Meta:
        model = Bid
        fields = ["tender", "kind", "auction__status"]


def title_of(bid: Bid) -> str:
    """Name a bid by need, place and label."""
    words = _("%(number)s：%(label)s的第 %(sequence)s 次报价")
    number, label = bid.auction.tender.number, label_words(bid.bidder.label)
    return words % {"number": number, "label": label, "sequence": bid.sequence}


class BidInspect(DeskInspect):
    """Show a bid."""

    def get_page_title(self) -> str:
        """Say which bid it is."""
        return title_of(self.object)


class VoidInspect(DeskInspect):
    """Show a request."""

    def get_page_title(self) -> str:
        """Say about which bid it is."""
        return title_of(self.object.bid)


class BidDesk(Desk):
    """Look at bids under their labels; ask that one be declared void while its auction runs."""

    model = Bid
    inspect_view_class = BidInspect
    icon = "list-ol"
    menu_label = gettext_lazy("竞价报价")
    related = ("auction__tender__process", "bidder", "void")
    list_display = [
        "auction",
        Column("tender", label=gettext_lazy("采购需求"), accessor="auction.tender.title"),
        Column("sequence", label=gettext_lazy("序号"), sort_key="sequence"),
        Column("label", label=gettext_lazy("代号"), accessor="bidder.label"),
        MoneyColumn("amount_fen", label=gettext_lazy("报价"), sort_key="amount_fen"),
        Column("kind", label=gettext_lazy("种类"), accessor="get_kind_display"),
        MomentColumn("at", label=gettext_lazy("时间"), sort_key="at"),
        Column("standing", label=gettext_lazy("作废"), accessor=void_in_words),
    ]
    filterset_class = BidFilter
    search_fields = ["auction__tender__title", "auction__tender__number", "bidder__label"]
    search_backend_name = None
    ordering = ("-at", "-sequence")
    inspect_view_fields = ["auction", "sequence", "bidder", "amount_fen", "kind", "at", "voided_at"]
    labels = {
        "auction": gettext_lazy("竞价"), "bidder": gettext_lazy("代号"), "amount_fen": gettext_lazy("报价"),
        "voided_at": gettext_lazy("作废"),
    }  # fmt: skip
    verbs = (
        Verb(
            "void",
            gettext_lazy("作废这次报价"),
            lambda row, reason, by, _now: request_void(bid=row, reason=reason, by=by),
            lambda row: row.auction.status in RUNNING and not hasattr(row, "void"),
            void_done,
            hint=gettext_lazy("只用于明显误报或者作弊，例如“机构书面说明多打了一个零”。作废后理由公开，报价记录保留。"),
            is_danger=True,
        ),
    )

    def seen_by(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Keep from those who only look what is the firms' own yet."""
        return rows if user.is_staff else rows.exclude(keeping_amounts("auction__"))

    def public_url(self, row: Bid) -> str:
        """Lead to the room."""
        return row.auction.get_absolute_url()

    def links(self, row: Bid) -> list[tuple[str, str]]:
        """Lead to the auction and to the request."""
        links = [(reverse("desk_auctions:inspect", args=[row.auction_id]), _("这场竞价"))]
        if hasattr(row, "void"):
            links.append((reverse("desk_voids:inspect", args=[row.void.pk]), _("作废申请")))
        return links

    def show_auction(self, row: Bid) -> str:
        """Link the need."""
        return need(row.auction.tender)

    def show_bidder(self, row: Bid) -> str:
        """Name the firm by its label alone."""
        return label_words(row.bidder.label)

    def show_voided_at(self, row: Bid) -> str:
        """Say whether it counts."""
        return void_in_words(row) or _("有效")


def void_state(row: BidVoid) -> str:
    """Say what became of a request."""
    if row.confirmed_at is not None:
        return _("已作废")
    return _("等待确认") if row.bid.auction.status in RUNNING else _("竞价已结束，没有作废")


class VoidFilter(WagtailFilterSet):
    """Choose requests by need, and those that wait."""

    tender = django_filters.CharFilter(
        "bid__auction__tender__number", label=gettext_lazy("采购编号"), lookup_expr="iexact"
    )
    waits = django_filters.BooleanFilter(label=gettext_lazy("等待确认"), method="waiting")

    class Meta:
        model = BidVoid
        fields = ["tender", "waits"]

    def waiting(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        """Keep what waits, or what does not."""
        open_ones = Q(confirmed_at=None, bid__auction__status__in=RUNNING)
        return rows.filter(open_ones) if value else rows.exclude(open_ones)


class VoidDesk(Desk):
    """Confirm that a bid is void, as another person than who asked for it; open requests come first."""

    model = BidVoid
    inspect_view_class = VoidInspect
    icon = "warning"
    menu_label = gettext_lazy("作废申请")
    related = ("bid__auction__tender__process", "bid__bidder", "requested_by", "confirmed_by")
    list_display = [
        "reason",
        Column("tender", label=gettext_lazy("采购需求"), accessor="bid.auction.tender.title"),
        Column("sequence", label=gettext_lazy("报价序号"), accessor="bid.sequence"),
        Column("label", label=gettext_lazy("代号"), accessor="bid.bidder.label"),
        Column("requested_by", label=gettext_lazy("提出人")),
        MomentColumn("requested_at", label=gettext_lazy("提出时间"), sort_key="requested_at"),
        Column("state", label=gettext_lazy("状态"), accessor=void_state),
    ]
    filterset_class = VoidFilter
    search_fields = ["bid__auction__tender__title", "bid__auction__tender__number", "reason"]
    search_backend_name = None
    ordering = ("waits", "-requested_at")
    inspect_view_fields = ["bid", "reason", "requested_by", "requested_at", "confirmed_by", "confirmed_at"]
    labels = {
        "bid": gettext_lazy("报价"), "requested_by": gettext_lazy("提出人"), "confirmed_by": gettext_lazy("确认人"),
    }  # fmt: skip
    verbs = (
        Verb(
            "confirm",
            gettext_lazy("确认作废"),
            lambda row, _reason, by, _now: confirm_void(void=row, by=by),
            lambda row: row.confirmed_at is None and row.bid.auction.status in RUNNING,
            gettext_lazy("报价已作废，理由已公开；由仍然有效的最优报价领先。"),
            reason="none",
            is_danger=True,
        ),
    )

    def rows(self) -> QuerySet[Any]:
        """Put what waits first."""
        waits = Q(confirmed_at=None, bid__auction__status__in=RUNNING)
        return (
            super()
            .rows()
            .annotate(waits=Case(When(waits, then=Value(0)), default=Value(1), output_field=IntegerField()))
        )

    def seen_by(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Keep from those who only look what is the firms' own yet."""
        return rows if user.is_staff else rows.exclude(keeping_amounts("bid__auction__"))

    def public_url(self, row: BidVoid) -> str:
        """Lead to the room."""
        return row.bid.auction.get_absolute_url()

    def show_bid(self, row: BidVoid) -> str:
        """Say which bid it is."""
        words = _("%(need)s：%(label)s的第 %(sequence)s 次报价，¥%(amount)s")
        return words % {
            "need": row.bid.auction.tender.title,
            "label": label_words(row.bid.bidder.label),
            "sequence": row.bid.sequence,
            "amount": format_yuan(row.bid.amount_fen),
        }
