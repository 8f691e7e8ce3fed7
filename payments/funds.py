"""A firm's money: held for it, on its way, paid out, owed back; contract by contract, with what to do where a payout failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max, Prefetch, QuerySet, Sum
from django.utils.translation import gettext as _

from .lists import with_sums
from .models import AccountKind, Balance, Invoice, PaymentIntent, Refund, Transfer
from .states import InvoiceStatus, PaymentIntentStatus, TransferStatus

UNDER_WAY = (TransferStatus.PENDING, TransferStatus.FAILED)


@dataclass(frozen=True)
class Funds:
    """Hold a firm's sums in fen, and the payouts that need a hand."""

    held_fen: int
    due_fen: int
    settled_fen: int
    debt_fen: int
    stuck: list[Transfer]


@dataclass
class ContractFunds:
    """Hold the payments of one contract (a transfer group)."""

    group: str
    title: str
    url: str
    payments: list[Any] = field(default_factory=list)

    @property
    def held_fen(self) -> int:
        return sum(row.held_fen for row in self.payments)

    @property
    def settled_fen(self) -> int:
        return sum(row.settled_fen for row in self.payments)


def groups_of(*, organization: Any) -> QuerySet[Any, Any]:
    """Return the transfer groups that a firm is paid from, the newest first."""
    rows = PaymentIntent.objects.filter(payee=organization).exclude(status=PaymentIntentStatus.CANCELED)
    return rows.values("transfer_group").annotate(newest=Max("created_at")).order_by("-newest", "transfer_group")


def contracts_in(*, organization: Any, groups: list[str]) -> list[ContractFunds]:
    """Return the payments of these groups in their order, each with sums, payouts and refunds; a fixed number of queries."""
    rows = (
        with_sums(PaymentIntent.objects.filter(payee=organization, transfer_group__in=groups))
        .exclude(status=PaymentIntentStatus.CANCELED)
        .select_related("payer")
        .prefetch_related(
            Prefetch("transfers", Transfer.objects.order_by("created_at")),
            Prefetch("invoices", Invoice.objects.exclude(status=InvoiceStatus.VOID)),
            Prefetch("refunds", Refund.objects.filter(is_automatic=False).order_by("created_at")),
        )
        .order_by("created_at", "id")
    )
    found: dict[str, ContractFunds] = {}
    for row in rows:
        url = local_url(row)
        one = found.setdefault(
            row.transfer_group, ContractFunds(row.transfer_group, row.metadata.get("title") or row.transfer_group, url)
        )
        one.payments.append(row)
    return [found[group] for group in groups if group in found]


def funds_of(*, organization: Any) -> Funds:
    """Return a firm's sums. Held is what payers paid in and nobody has moved; due is settled and not yet with the firm."""
    paid_in = with_sums(PaymentIntent.objects.filter(payee=organization, status=PaymentIntentStatus.SUCCEEDED))
    held = paid_in.order_by().aggregate(total=Sum("held_fen"))["total"] or 0
    transfers = Transfer.objects.filter(destination=organization)
    settled = transfers.filter(status=TransferStatus.PAID).aggregate(total=Sum("payout_fen"))["total"] or 0
    due = transfers.filter(status__in=UNDER_WAY).aggregate(total=Sum("payout_fen"))["total"] or 0
    debt = Balance.objects.filter(account__kind=AccountKind.DEBT, account__owner=str(organization.pk)).first()
    stuck = transfers.filter(status=TransferStatus.FAILED) | transfers.filter(
        status=TransferStatus.PENDING, failure_code="payout_account_missing"
    )
    return Funds(
        held_fen=int(held),
        due_fen=int(due),
        settled_fen=int(settled),
        debt_fen=abs(debt.amount_fen) if debt else 0,
        stuck=list(stuck.select_related("intent").order_by("created_at")),
    )


def local_url(intent: PaymentIntent) -> str:
    """Return the page of what a payment is for, when it is one of this site."""
    url = intent.metadata.get("url", "")
    return url if url.startswith("/") and not url.startswith("//") else ""


def masked(account: str) -> str:
    """Return an account so that its owner knows it and nobody else learns it: 138****5678, pa***@example.com."""
    name, sign, place = account.partition("@")
    if sign:
        return f"{name[:2]}***@{place}"
    return f"{account[:3]}****{account[-4:]}" if len(account) >= 11 else "****" if account else ""


ACCOUNT_CODES = frozenset(
    {
        "PAYEE_NOT_EXIST",
        "PAYEE_USER_INFO_ERROR",
        "PAYEE_ACC_OCUPIED",
        "PAYEE_ACCOUNT_NOT_EXSIT",
        "PAYEE_ACCOUNT_STATUS_ERROR",
    }
)


def advice(transfer: Transfer) -> str:
    """Say in a sentence why a payout did not go through and what the firm does now."""
    if transfer.failure_code == "payout_account_missing":
        return _("还没有收款账号。填写后会自动重新结算，款项一直在平台保管。")
    if transfer.failure_code in ACCOUNT_CODES:
        return _(
            "支付宝找不到或不接受这个收款账号。请核对账号和实名，改正后联系平台管理机构重新结算，款项一直在平台保管。"
        )
    if "BALANCE" in transfer.failure_code:
        return _("平台的支付账户暂时不足，由平台处理，您不用做什么。款项一直在平台保管。")
    return _("支付宝没有完成这次结算。平台管理机构会核实后重新结算，款项一直在平台保管。")
