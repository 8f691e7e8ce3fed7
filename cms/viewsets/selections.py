"""Desks of choices and their results: to look at; what is decided about them is decided on their own pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column

from marketplace.awards.explanations import explain
from marketplace.awards.models import Award, Selection
from marketplace.awards.states import AwardStatus
from marketplace.core.money import format_yuan

from .columns import MomentColumn, MoneyColumn, StateColumn
from .desk import Desk


class SelectionDesk(Desk):
    """Look at choices: what was committed to, how far they are, what came out. Offers and names stay shut until they are public."""

    model = Selection
    icon = "tasks"
    menu_label = gettext_lazy("选取过程")
    related = ("tender", "picked")
    list_display = [
        "tender",
        Column("method", label=gettext_lazy("选取方式"), accessor="tender.get_method_display"),
        MomentColumn("selection_at", label=gettext_lazy("选取时间"), accessor="tender.selection_at"),
        MomentColumn("judging_ends_at", label=gettext_lazy("评审截止"), sort_key="judging_ends_at"),
        MomentColumn("decided_at", label=gettext_lazy("产生结果"), sort_key="decided_at"),
        StateColumn(),
    ]
    list_filter = {"status": ["exact"], "tender__method": ["exact"]}
    search_fields = ["tender__title", "tender__number", "tender__buyer__name"]
    search_backend_name = None
    ordering = "-committed_at"
    inspect_view_fields = [
        "tender", "status", "committed_at", "commitment", "beacon", "pool_hash", "firms", "drawn_at", "seed",
        "judging_ends_at", "decided_at", "result",
    ]  # fmt: skip
    labels = {
        "tender": gettext_lazy("采购需求"), "beacon": gettext_lazy("公共随机源"), "firms": gettext_lazy("名单"),
        "result": gettext_lazy("结果"), "seed": gettext_lazy("种子"),
    }  # fmt: skip

    def public_url(self, row: Selection) -> str:
        """Lead to the public page of the choice."""
        return reverse("awards:selection", args=[row.tender.number])

    def show_tender(self, row: Selection) -> str:
        """Link the need."""
        tender = row.tender
        return format_html('<a href="{}">{}</a> {}', tender.get_absolute_url(), tender.title, tender.number)

    def show_beacon(self, row: Selection) -> str:
        """Name the source and the round."""
        if not row.beacon.get("source"):
            return _("没有使用公共随机源")
        return _("%(source)s 第 %(round)s 轮") % row.beacon

    def show_firms(self, row: Selection) -> str:
        """Count the firms of the frozen list; who they are says the result."""
        return _("%(count)s 家机构") % {"count": len(row.pool)} if row.pool_hash else ""

    def show_result(self, row: Selection) -> str:
        """Show the ranking once names and prices are public; the whole table stands on the public page."""
        if row.tender.disclosed_at is None or not row.result.get("ranking"):
            return ""
        bidders = row.tender.bidders.select_related("organization")
        names = {bidder.label: bidder.organization.name for bidder in bidders}
        said = explain(row.result, names=names)
        places = [(names[one["firm"]], format_yuan(one["amount_fen"])) for one in row.result["ranking"]]
        return format_html("<p>{}</p><ol>{}</ol>", said.sentence, format_html_join("", "<li>{} ¥{}</li>", places))


def until(row: Award) -> Any:
    """Return until when the award's state lasts: the standstill, or the time to accept."""
    if row.status == AwardStatus.STANDSTILL:
        return row.standstill_ends_at
    return row.accept_ends_at if row.status == AwardStatus.ACCEPTING else None


class AwardDesk(Desk):
    """Look at awards: which rank, for whom, and until when."""

    model = Award
    icon = "pick"
    menu_label = gettext_lazy("中选结果")
    related = ("tender", "organization")
    list_display = [
        "tender",
        Column("organization", label=gettext_lazy("中选机构")),
        Column("rank", label=gettext_lazy("名次"), sort_key="rank"),
        MoneyColumn("amount_fen", label=gettext_lazy("中选金额"), sort_key="amount_fen"),
        MomentColumn("until", label=gettext_lazy("到"), accessor=until),
        StateColumn(),
    ]
    list_filter = {"status": ["exact"], "tender__method": ["exact"]}
    search_fields = ["tender__title", "tender__number", "organization__name"]
    search_backend_name = None
    ordering = "-proposed_at"
    inspect_view_fields = [
        "tender", "organization", "rank", "amount_fen", "status", "proposed_at", "standstill_ends_at",
        "clock_stopped_at", "accepted_at", "accept_ends_at", "confirmed_at", "end_reason",
    ]  # fmt: skip
    labels = {
        "tender": gettext_lazy("采购需求"), "amount_fen": gettext_lazy("中选金额"), "confirmed_at": gettext_lazy("确认中选"),
    }  # fmt: skip

    def show_tender(self, row: Award) -> str:
        """Link the need."""
        tender = row.tender
        return format_html('<a href="{}">{}</a> {}', tender.get_absolute_url(), tender.title, tender.number)
