"""The desk of breaks: what differs between a bill and our books, whose it is, how it ends."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from marketplace.core.money import format_yuan, to_yuan
from payments.actions.breaks import explain_break, resolve_break, take_break
from payments.actions.receipts import return_unknown_receipt, settle_unknown_receipt
from payments.bills.states import BREAK, BreakStatus, ReceiptStatus
from payments.models import Break, UnknownReceipt

from ..forms.bills import SettleForm
from .columns import MomentColumn, MoneyColumn, StateColumn
from .desk import Desk, DeskIndex, DeskNew, Verb

KINDS = {BreakStatus.OPEN: "danger", BreakStatus.EXPLAINED: "waiting", BreakStatus.RESOLVED: "done"}


class KindColumn(StateColumn):
    """Show a status as a tag of the kind that this desk gives it."""

    cell_template_name = "cms/reconciliation/state_cell.html"

    def __init__(self, kinds: dict[Any, str]) -> None:
        super().__init__()
        self.kinds = {str(status): kind for status, kind in kinds.items()}

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        """Add the kind."""
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "kind": self.kinds[instance.status]}


def receipt_of(row: Break) -> UnknownReceipt | None:
    """Return the unknown money that a break is about, if there is any."""
    return row.receipts.first()


def _is_held(row: Break) -> bool:
    receipt = receipt_of(row)
    return receipt is not None and receipt.status == ReceiptStatus.HELD


def _is_undecided(row: Break) -> bool:
    receipt = receipt_of(row)
    return receipt is not None and receipt.status in {ReceiptStatus.HELD, ReceiptStatus.RETURNING}


def return_money(row: Break, reason: str, by: Any, now: Any) -> None:
    """Send the unknown money of a break back."""
    return_unknown_receipt(receipt=row.receipts.get(), reason=reason, by=by, now=now)


class BreakFilter(WagtailFilterSet):
    """Choose breaks by day, bill, class, state and owner."""

    day = django_filters.DateFromToRangeFilter(label=gettext_lazy("账单日"))

    class Meta:
        model = Break
        fields = ["day", "book", "cls", "status", "owner"]


class BreakIndex(DeskIndex):
    """List breaks; spreadsheets hold yuan as digits."""

    custom_field_preprocess = {
        name: {"csv": to_text, "xlsx": to_text}
        for name, to_text in (
            ("our_fen", lambda fen: "" if fen is None else to_yuan(fen)),
            ("their_fen", lambda fen: "" if fen is None else to_yuan(fen)),
        )
    }


class BreakSettle(DeskNew):
    """Settle unknown money as a payment of ours."""

    page_title = gettext_lazy("归入一笔付款")
    submit_label = gettext_lazy("归入并入账")
    form_class = SettleForm

    def run(self, form: Any) -> Break:
        """Settle it."""
        row = get_object_or_404(Break, pk=self.kwargs["pk"])
        receipt = get_object_or_404(UnknownReceipt, found_in=row)
        settled = settle_unknown_receipt(receipt=receipt, by=self.request.user, **form.cleaned_data)
        assert settled.charge is not None
        messages.success(self.request, _("已归入付款 %(id)s 并入账。") % {"id": settled.charge.intent_id})
        return row


class BreakDesk(Desk):
    """Look at differences; take one, explain it, end it; decide on money that nobody knows."""

    model = Break
    icon = "warning"
    menu_label = gettext_lazy("对账差异")
    related = ("owner", "line", "resolved_by")
    index_view_class = BreakIndex
    list_display = [
        "out_trade_no",
        Column("day", label=gettext_lazy("账单日"), sort_key="day"),
        Column("book", label=gettext_lazy("账单"), accessor="get_book_display"),
        Column("cls", label=gettext_lazy("分类"), accessor="get_cls_display", sort_key="cls"),
        Column("type", label=gettext_lazy("类型"), accessor="get_type_display"),
        MoneyColumn("our_fen", label=gettext_lazy("本地"), sort_key="our_fen"),
        MoneyColumn("their_fen", label=gettext_lazy("支付宝"), sort_key="their_fen"),
        KindColumn(KINDS),
        Column("owner", label=gettext_lazy("经办人")),
        MomentColumn("found_at", label=gettext_lazy("发现时间"), sort_key="found_at"),
    ]
    filterset_class = BreakFilter
    search_fields = ["out_trade_no", "object_id", "says", "resolution"]
    search_backend_name = None
    ordering = ("-day", "book", "cls", "pk")
    list_export = [
        "day", "get_book_display", "get_cls_display", "get_type_display", "out_trade_no", "object_id", "line_number",
        "our_fen", "their_fen", "says", "get_status_display", "owner", "resolution", "resolved_at",
    ]  # fmt: skip
    export_headings = {
        "get_book_display": gettext_lazy("账单"), "get_cls_display": gettext_lazy("分类"),
        "get_type_display": gettext_lazy("类型"), "get_status_display": gettext_lazy("状态"),
        "our_fen": gettext_lazy("本地（元）"), "their_fen": gettext_lazy("支付宝（元）"),
    }  # fmt: skip
    export_filename = "reconciliation-breaks"
    inspect_view_fields = [
        "day", "book", "cls", "type", "out_trade_no", "object_id", "line_number", "our_fen", "their_fen", "says", "money",
        "status", "owner", "resolution", "resolved_by", "resolved_at", "found_at",
    ]  # fmt: skip
    labels = {
        "out_trade_no": gettext_lazy("商户订单号"), "our_fen": gettext_lazy("本地"), "their_fen": gettext_lazy("支付宝"),
        "money": gettext_lazy("待查款项"),
    }  # fmt: skip
    verbs = (
        Verb(
            "take",
            gettext_lazy("由我处理"),
            lambda row, _reason, by, now: take_break(row=row, by=by, now=now),
            lambda row: row.status != BreakStatus.RESOLVED and row.owner is None,
            gettext_lazy("已由您处理。"),
            reason="none",
        ),
        Verb(
            "explain",
            gettext_lazy("写明原因，继续等待"),
            lambda row, reason, by, now: explain_break(row=row, reason=reason, by=by, now=now),
            lambda row: BREAK.allows(row.status, BreakStatus.EXPLAINED),
            gettext_lazy("已写明，以后对账时两边相符会自动了结。"),
            hint=gettext_lazy("例如“退款途中，支付宝客服答复明日到账”。"),
        ),
        Verb(
            "resolve",
            gettext_lazy("了结"),
            lambda row, reason, by, now: resolve_break(row=row, reason=reason, by=by, now=now),
            lambda row: BREAK.allows(row.status, BreakStatus.RESOLVED) and not _is_undecided(row),
            gettext_lazy("已了结。金额再有变化时会重新出现。"),
            hint=gettext_lazy("查明了什么、怎样处理的。了结本身不动钱。"),
        ),
        Verb(
            "return",
            gettext_lazy("原路退回这笔款项"),
            return_money,
            _is_held,
            gettext_lazy("已交支付宝退回，到账后自动了结。"),
            hint=gettext_lazy("为什么不能归入任何付款。"),
            is_danger=True,
        ),
    )

    def links(self, row: Break) -> list[tuple[str, str]]:
        """Lead to the form that settles unknown money."""
        if not _is_held(row):
            return []
        return [(reverse(self.get_url_name("settle"), args=[row.pk]), _("归入一笔付款"))]

    def get_urlpatterns(self) -> list[Any]:
        """Add the form."""
        settle = BreakSettle.as_view(viewset=self)
        return [*super().get_urlpatterns(), path("settle/<int:pk>/", settle, name="settle")]

    def show_resolution(self, row: Break) -> str:
        """Show what was written, line by line."""
        return format_html("<pre>{}</pre>", row.resolution) if row.resolution else ""

    def show_money(self, row: Break) -> str:
        """Say where unknown money stands, and why a return failed."""
        receipt = receipt_of(row)
        if receipt is None:
            return ""
        words = f"¥{format_yuan(receipt.amount_fen)}，{receipt.get_status_display()}"
        if receipt.failure_code:
            reason = {"code": receipt.failure_code, "message": receipt.failure_message}
            words += _("；上次退回被支付宝拒绝（%(code)s %(message)s）") % reason
        return words
