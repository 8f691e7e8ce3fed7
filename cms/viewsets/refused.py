"""The operators' desk of bids that were refused: to read why."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from marketplace.bidding.models import RefusedBid
from marketplace.bidding.refusals import words
from marketplace.core.event_words import label_words

from .auctions import RUNNING, need
from .columns import MomentColumn, MoneyColumn
from .desk import Desk, DeskInspect


class RefusedInspect(DeskInspect):
    """Show a refusal."""

    def get_page_title(self) -> str:
        """Say whose it was, by its label."""
        return f"{self.object.bidder.tender.number} {label_words(self.object.bidder.label)}"


def refusal_in_words(row: RefusedBid) -> str:
    """Say why a bid was refused, as the firm was told."""
    try:
        return words(row.code, row.data)
    except KeyError:  # a code of an earlier version
        return row.code


class RefusedFilter(WagtailFilterSet):
    """Choose refusals by need."""

    tender = django_filters.CharFilter("bidder__tender__number", label=gettext_lazy("采购编号"), lookup_expr="iexact")

    class Meta:
        model = RefusedBid
        fields = ["tender", "code"]


class RefusedDesk(Desk):
    """Read which bids were refused and why; nobody changes one."""

    model = RefusedBid
    inspect_view_class = RefusedInspect
    icon = "no-view"
    menu_label = gettext_lazy("没有受理的报价")
    related = ("bidder__tender__process", "bidder__tender__auction", "placed_by")
    list_display = [
        "code",
        Column("tender", label=gettext_lazy("采购需求"), accessor="bidder.tender.title"),
        Column("label", label=gettext_lazy("代号"), accessor="bidder.label"),
        MoneyColumn("amount_fen", label=gettext_lazy("报价"), sort_key="amount_fen"),
        Column("why", label=gettext_lazy("原因"), accessor=refusal_in_words),
        MomentColumn("at", label=gettext_lazy("时间"), sort_key="at"),
    ]
    filterset_class = RefusedFilter
    search_fields = ["bidder__tender__title", "bidder__tender__number", "bidder__label", "code"]
    search_backend_name = None
    ordering = ("-at", "-pk")
    inspect_view_fields = ["bidder", "amount_fen", "code", "at"]
    labels = {"bidder": gettext_lazy("代号"), "amount_fen": gettext_lazy("报价"), "code": gettext_lazy("代码")}

    def seen_by(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Keep from those who only look what firms tried in an auction that still runs."""
        return rows if user.is_staff else rows.exclude(bidder__tender__auction__status__in=RUNNING)

    def public_url(self, row: RefusedBid) -> str:
        """Lead to the room."""
        return reverse("bidding:room", args=[row.bidder.tender.number])

    def show_bidder(self, row: RefusedBid) -> str:
        """Name need and label."""
        return format_html("{}，{}", label_words(row.bidder.label), need(row.bidder.tender))

    def show_code(self, row: RefusedBid) -> str:
        """Say why, with the stable code."""
        return f"{refusal_in_words(row)}（{row.code}）"
