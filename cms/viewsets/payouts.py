"""The finance desk: refunds and payouts; every button calls an action."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column

from payments.actions import retry_transfer, send_refund, send_transfer
from payments.actions.refund_requests import order_refund
from payments.funds import advice, masked
from payments.models import Refund, Transfer
from payments.states import RefundStatus, TransferStatus

from ..forms import RefundForm
from .columns import MomentColumn, MoneyColumn, StateColumn
from .desk import DeskNew, Verb
from .payments import ASKED, link
from .webhooks import NamedDesk


class RefundNew(DeskNew):
    """Order a refund; the payment may stand in the address."""

    page_title = gettext_lazy("办理退款")
    submit_label = gettext_lazy("退回款项")
    form_class = RefundForm

    def get_initial(self) -> dict[str, Any]:
        """Begin with the payment from whose page one comes."""
        return {"intent": self.request.GET.get("intent", "")}

    def run(self, form: Any) -> Refund:
        """Order it."""
        given = form.cleaned_data
        key = f"desk:{given['intent'].pk}:{given['token']}"
        refund = order_refund(
            intent=given["intent"], amount_fen=given["amount_fen"], note=given["note"], key=key, by=self.request.user
        )
        messages.success(self.request, _("退款已发起，业主和机构会看到原因。"))
        return refund


class RefundDesk(NamedDesk):
    """Look at refunds; order one, ask the provider about one under way."""

    model = Refund
    icon = "undo"
    menu_label = gettext_lazy("退款")
    new_view_class = RefundNew
    related = ("intent__payer", "charge")
    list_display = [
        "id",
        Column("intent", label=gettext_lazy("款项"), accessor="intent.description"),
        MoneyColumn("amount_fen", label=gettext_lazy("金额"), sort_key="amount_fen"),
        Column("reason", label=gettext_lazy("原因"), accessor="get_reason_display"),
        StateColumn(),
        MomentColumn("created_at", label=gettext_lazy("发起"), sort_key="created_at"),
        MomentColumn("succeeded_at", label=gettext_lazy("完成"), sort_key="succeeded_at"),
    ]
    list_filter = ["status", "reason", "is_automatic"]
    search_fields = ["id", "intent__id", "charge__out_trade_no", "charge__trade_no", "intent__description"]
    search_backend_name = None
    ordering = ("-created_at", "pk")
    inspect_view_fields = [
        "id", "intent", "charge", "amount_fen", "reason", "note", "is_automatic", "status", "failure_code",
        "failure_message", "created_at", "succeeded_at", "attempts", "next_attempt_at",
    ]  # fmt: skip
    labels = {
        "id": gettext_lazy("退款编号"), "intent": gettext_lazy("付款"), "charge": gettext_lazy("付款尝试"),
        "amount_fen": gettext_lazy("金额"), "note": gettext_lazy("说明"), "failure_code": gettext_lazy("支付宝代码"),
        "failure_message": gettext_lazy("支付宝说明"), "created_at": gettext_lazy("发起"), "succeeded_at": gettext_lazy("完成"),
        "attempts": gettext_lazy("尝试次数"), "next_attempt_at": gettext_lazy("下次尝试"),
    }  # fmt: skip
    verbs = (
        Verb(
            "ask",
            gettext_lazy("立即向支付宝办理"),
            lambda row, _reason, _by, now: send_refund(refund=row, now=now),
            lambda row: row.status == RefundStatus.PENDING,
            ASKED,
            reason="none",
        ),
    )

    def show_intent(self, row: Refund) -> str:
        """Link the payment."""
        return link("desk_payments", row.intent_id, row.intent.description)

    def show_charge(self, row: Refund) -> str:
        """Link the attempt."""
        return link("desk_charges", row.charge_id, row.charge.out_trade_no)

    def show_note(self, row: Refund) -> str:
        """Say why, in the words of who asked."""
        return str(row.metadata.get("note", ""))


class TransferDesk(NamedDesk):
    """Look at payouts, failed ones first; try one again."""

    model = Transfer
    icon = "arrow-right"
    menu_label = gettext_lazy("结算")
    related = ("intent", "destination")
    list_display = [
        "id",
        Column("intent", label=gettext_lazy("款项"), accessor="intent.description"),
        Column("destination", label=gettext_lazy("收款机构"), accessor="destination.name"),
        MoneyColumn("amount_fen", label=gettext_lazy("金额"), sort_key="amount_fen"),
        StateColumn(),
        MomentColumn("created_at", label=gettext_lazy("发起"), sort_key="created_at"),
        MomentColumn("paid_at", label=gettext_lazy("到账"), sort_key="paid_at"),
    ]
    list_filter = ["status"]
    search_fields = ["id", "order_id", "intent__id", "intent__description", "destination__name"]
    search_backend_name = None
    ordering = (F("paid_at").desc(nulls_first=True), "-created_at", "pk")
    inspect_view_fields = [
        "id", "intent", "destination", "account", "amount_fen", "payout_fen", "fee_fen",
        "debt_repaid_fen", "amount_reversed_fen", "status", "advice", "failure_code", "failure_message",
        "order_id", "created_at", "paid_at", "attempts", "next_attempt_at",
    ]  # fmt: skip
    labels = {
        "id": gettext_lazy("结算编号"), "intent": gettext_lazy("付款"), "destination": gettext_lazy("收款机构"),
        "account": gettext_lazy("收款账号"), "amount_fen": gettext_lazy("金额"), "advice": gettext_lazy("怎么办"),
        "payout_fen": gettext_lazy("付给机构"), "fee_fen": gettext_lazy("平台服务费"),
        "debt_repaid_fen": gettext_lazy("抵还垫付退款"), "amount_reversed_fen": gettext_lazy("已撤回"),
        "failure_code": gettext_lazy("支付宝代码"), "failure_message": gettext_lazy("支付宝说明"),
        "created_at": gettext_lazy("发起"), "paid_at": gettext_lazy("到账"), "attempts": gettext_lazy("尝试次数"),
        "next_attempt_at": gettext_lazy("下次尝试"),
    }  # fmt: skip
    verbs = (
        Verb(
            "ask",
            gettext_lazy("立即向支付宝办理"),
            lambda row, _reason, _by, now: send_transfer(transfer=row, now=now),
            lambda row: row.status == TransferStatus.PENDING,
            ASKED,
            reason="none",
        ),
        Verb(
            "retry",
            gettext_lazy("重新结算"),
            lambda row, _reason, by, now: retry_transfer(transfer=row, by=by, now=now),
            lambda row: row.status == TransferStatus.FAILED,
            gettext_lazy("已重新发起结算，本页是支付宝的答复。"),
            reason="none",
        ),
    )

    def show_intent(self, row: Transfer) -> str:
        """Link the payment."""
        return link("desk_payments", row.intent_id, row.intent.description)

    def show_account(self, row: Transfer) -> str:
        """Show enough of the account to talk about it."""
        return masked(row.destination.alipay_account)

    def show_advice(self, row: Transfer) -> str:
        """Say what is wrong and who does what."""
        is_stuck = row.status == TransferStatus.FAILED or row.failure_code
        return advice(row) if is_stuck and row.status != TransferStatus.PAID else ""
