"""The finance desk: payments, attempts and notices, found by any number; every button calls an action."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from marketplace.core.money import format_yuan, to_yuan
from payments.actions import sync_charge
from payments.funds import local_url
from payments.lists import with_sums
from payments.models import Charge, Notice, PaymentIntent, Refund, Transfer
from payments.states import ChargeStatus, PaymentIntentStatus

from .columns import MomentColumn, MoneyColumn, StateColumn
from .desk import Desk, DeskIndex, Verb
from .webhooks import NamedDesk, NamedIndex

ASKED = gettext_lazy("已向支付宝查询，本页是最新结果；还没有结果的，系统会按时再查。")


def ask_about(row: PaymentIntent, now: datetime) -> None:
    """Ask the provider about the attempt under way."""
    if charge := row.pending_charge:
        sync_charge(charge=charge, now=now)


def link(desk: str, pk: object, words: object) -> str:
    """Link a row of a desk."""
    return format_html('<a href="{}">{}</a>', reverse(f"{desk}:inspect", args=[pk]), words)


class NumberIndex(NamedIndex):
    """Find payments by any number or name that somebody may hold: ours, Alipay's, a refund's, a payout's."""

    # Spreadsheets hold yuan as digits, ready to add up.
    custom_field_preprocess = {
        name: {"csv": to_yuan, "xlsx": to_yuan}
        for name in ("amount_fen", "held_fen", "settled_fen", "refunded_fen", "amount_received_fen")
    }

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Look each number up in its own table, so that no row comes twice."""
        words = (self.search_query or "").strip()
        if not words:
            return queryset
        numbers = Charge.objects.filter(Q(pk=words) | Q(out_trade_no=words) | Q(trade_no=words)).values("intent")
        refunds = Refund.objects.filter(pk=words).values("intent")
        payouts = Transfer.objects.filter(Q(pk=words) | Q(order_id=words)).values("intent")
        names = Q(description__icontains=words) | Q(payer__name__icontains=words) | Q(payee__name__icontains=words)
        either = Q(pk=words) | Q(pk__in=numbers) | Q(pk__in=refunds) | Q(pk__in=payouts) | Q(transfer_group=words)
        found: QuerySet[Any] = queryset.filter(either | names)
        return found


class PaymentFilter(WagtailFilterSet):
    """Choose payments by state and day."""

    created_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("提出时间"))

    class Meta:
        model = PaymentIntent
        fields = ["status", "created_at"]


class PaymentDesk(NamedDesk):
    """Look at payments; ask the provider, order a refund."""

    model = PaymentIntent
    index_view_class = NumberIndex
    icon = "tag"
    menu_label = gettext_lazy("付款")
    related = ("payer", "payee")
    list_display = [
        "description",
        Column("payer", label=gettext_lazy("付款单位"), accessor="payer.name"),
        Column("payee", label=gettext_lazy("收款机构"), accessor="payee.name"),
        MoneyColumn("amount_fen", label=gettext_lazy("金额"), sort_key="amount_fen"),
        MoneyColumn("held_fen", label=gettext_lazy("保管中")),
        StateColumn(),
        MomentColumn("created_at", label=gettext_lazy("提出"), sort_key="created_at"),
    ]
    filterset_class = PaymentFilter
    search_fields = ["description"]
    search_backend_name = None
    ordering = ("-created_at", "pk")
    list_export = [
        "id", "description", "payer", "payee", "amount_fen", "status", "created_at", "succeeded_at", "held_fen",
        "settled_fen", "refunded_fen",
    ]  # fmt: skip
    export_filename = "payments"
    inspect_view_fields = [
        "id", "description", "payer", "payee", "amount_fen", "status", "held_fen", "settled_fen", "refunded_fen",
        "held_until", "transfer_group", "created_at", "succeeded_at", "canceled_at", "attempts", "moves",
    ]  # fmt: skip
    labels = {
        "id": gettext_lazy("付款编号"), "payer": gettext_lazy("付款单位"), "payee": gettext_lazy("收款机构"),
        "amount_fen": gettext_lazy("金额"), "held_fen": gettext_lazy("保管中"), "settled_fen": gettext_lazy("已结算"),
        "refunded_fen": gettext_lazy("已退款"), "transfer_group": gettext_lazy("合同"),
        "attempts": gettext_lazy("付款尝试"), "moves": gettext_lazy("结算与退款"),
    }  # fmt: skip
    verbs = (
        Verb(
            "ask",
            gettext_lazy("立即向支付宝查询"),
            lambda row, _reason, _by, now: ask_about(row, now),
            lambda row: row.status == PaymentIntentStatus.REQUIRES_ACTION,
            ASKED,
            reason="none",
        ),
    )

    def rows(self) -> QuerySet[Any]:
        """Add the sums."""
        return with_sums(super().rows())

    def links(self, row: Any) -> list[tuple[str, str]]:
        """Lead to the form of a refund while something is held, to the payer's page, and to what is paid for."""
        refund = [(f"{reverse('desk_refunds:new')}?intent={row.pk}", _("办理退款"))] if row.held_fen > 0 else []
        url = local_url(row)
        page = [(reverse("payments:intent", args=[row.pk]), _("付款方看到的页面"))]
        return [*refund, *page, *([(url, _("合同"))] if url else [])]

    def show_attempts(self, row: PaymentIntent) -> str:
        """Link the attempts."""
        return format_html_join(
            SafeString("<br>"),
            "{}　{}　{}",
            (
                (link("desk_charges", one.pk, one.out_trade_no), one.get_way_display(), one.get_status_display())
                for one in row.charges.all()
            ),
        )

    def show_moves(self, row: PaymentIntent) -> str:
        """Link payouts and refunds."""
        moves: list[tuple[str, Any]] = [("desk_transfers", one) for one in row.transfers.all()]
        moves += [("desk_refunds", one) for one in row.refunds.all()]
        return format_html_join(
            SafeString("<br>"),
            "{}　¥{}　{}",
            (
                (link(desk, one.pk, one.pk), format_yuan(one.amount_fen), one.get_status_display())
                for desk, one in moves
            ),
        )


class ChargeDesk(NamedDesk):
    """Look at attempts; ask the provider about one."""

    model = Charge
    icon = "redirect"
    menu_label = gettext_lazy("付款尝试")
    related = ("intent__payer",)
    list_display = [
        "out_trade_no",
        Column("intent", label=gettext_lazy("款项"), accessor="intent.description"),
        MoneyColumn("amount_fen", label=gettext_lazy("金额"), sort_key="amount_fen"),
        Column("way", label=gettext_lazy("方式"), accessor="get_way_display"),
        StateColumn(),
        Column("trade_no", label=gettext_lazy("支付宝交易号")),
        MomentColumn("created_at", label=gettext_lazy("开始"), sort_key="created_at"),
        MomentColumn("next_query_at", label=gettext_lazy("下次查询"), sort_key="next_query_at"),
    ]
    list_filter = ["status", "way", "is_late"]
    search_fields = ["id", "out_trade_no", "trade_no", "intent__id", "intent__description"]
    search_backend_name = None
    ordering = ("-created_at", "pk")
    inspect_view_fields = [
        "out_trade_no", "intent", "amount_fen", "way", "status", "is_late", "trade_no", "time_expire", "created_at",
        "paid_at", "queries", "next_query_at", "notices",
    ]  # fmt: skip
    labels = {
        "intent": gettext_lazy("付款"), "amount_fen": gettext_lazy("金额"), "queries": gettext_lazy("查询次数"),
        "next_query_at": gettext_lazy("下次查询"), "created_at": gettext_lazy("开始"), "paid_at": gettext_lazy("付款时间"),
        "notices": gettext_lazy("支付宝通知"),
    }  # fmt: skip
    verbs = (
        Verb(
            "ask",
            gettext_lazy("立即向支付宝查询"),
            lambda row, _reason, _by, now: sync_charge(charge=row, now=now),
            lambda row: row.status != ChargeStatus.SUCCEEDED,
            ASKED,
            reason="none",
        ),
    )

    def show_intent(self, row: Charge) -> str:
        """Link the payment."""
        return link("desk_payments", row.intent_id, row.intent.description)

    def show_notices(self, row: Charge) -> str:
        """Link what the provider told us about it."""
        notices = ((link("desk_notices", one.pk, one), one.get_outcome_display()) for one in row.notices.all())
        return format_html_join(SafeString("<br>"), "{}　{}", notices)


class NoticeDesk(Desk):
    """Read what the provider told us, as it came; nobody changes one."""

    model = Notice
    index_view_class = DeskIndex
    icon = "mail"
    menu_label = gettext_lazy("支付宝通知")
    related = ("charge",)
    list_display = [
        "notify_id",
        Column("charge", label=gettext_lazy("商户订单号"), accessor="charge.out_trade_no"),
        Column("outcome", label=gettext_lazy("处理结果"), accessor="get_outcome_display", sort_key="outcome"),
        Column("reason", label=gettext_lazy("原因")),
        Column("deliveries", label=gettext_lazy("收到次数"), sort_key="deliveries"),
        MomentColumn("received_at", label=gettext_lazy("首次收到"), sort_key="received_at"),
    ]
    list_filter = ["outcome", "is_verified"]
    search_fields = ["notify_id", "charge__out_trade_no", "charge__trade_no", "reason"]
    search_backend_name = None
    ordering = ("-received_at", "-pk")
    inspect_view_fields = [
        "notify_id",
        "charge",
        "is_verified",
        "outcome",
        "reason",
        "deliveries",
        "received_at",
        "raw",
    ]
    labels = {
        "notify_id": gettext_lazy("通知编号"), "charge": gettext_lazy("付款尝试"), "is_verified": gettext_lazy("签名属实"),
        "outcome": gettext_lazy("处理结果"), "reason": gettext_lazy("原因"), "deliveries": gettext_lazy("收到次数"),
        "received_at": gettext_lazy("首次收到"), "raw": gettext_lazy("原文"),
    }  # fmt: skip

    def show_charge(self, row: Notice) -> str:
        """Link the attempt."""
        return link("desk_charges", row.charge_id, row.charge.out_trade_no) if row.charge else ""

    def show_raw(self, row: Notice) -> str:
        """Show the bytes as text, one parameter a line; what is no text stays visible as escapes."""
        text = bytes(row.raw).decode("utf-8", "backslashreplace")
        return format_html("<pre>{}</pre>", text.replace("&", "\n"))
