"""What a payer has paid and still owes: the list with its conditions, its totals and its table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.core.money import to_yuan
from marketplace.core.workdays import end_of

from .models import Charge, PaymentIntent, Refund, Transfer
from .states import ChargeStatus, PaymentIntentStatus, RefundStatus, TransferStatus

UNPAID = (PaymentIntentStatus.REQUIRES_PAYMENT_METHOD, PaymentIntentStatus.REQUIRES_ACTION)
STATES = (
    ("unpaid", gettext_lazy("待付款")),
    ("held", gettext_lazy("保管中")),
    ("settled", gettext_lazy("已结算")),
    ("refunded", gettext_lazy("有退款")),
    ("canceled", gettext_lazy("已取消")),
)


@dataclass(frozen=True)
class Totals:
    """Hold sums in fen over a list."""

    paid_fen: int
    held_fen: int
    settled_fen: int
    refunded_fen: int
    unpaid_fen: int


def with_sums(rows: QuerySet[PaymentIntent]) -> QuerySet[PaymentIntent]:
    """Add to each payment, in fen: refunded (done), returning (done or on its way), settled (paid out), leaving (all
    transfers), and held: what was received less what returns from the hold and what leaves it, as `held_fen` says.
    """
    refunds = Refund.objects.filter(intent=OuterRef("pk"), is_automatic=False)
    live = refunds.exclude(status=RefundStatus.FAILED)
    transfers = Transfer.objects.filter(intent=OuterRef("pk"), source=Transfer.Source.ESCROW)
    kept = F("amount_fen") - F("amount_reversed_fen")
    return rows.annotate(
        refunded_fen=_sum(refunds.filter(status=RefundStatus.SUCCEEDED)),
        returning_fen=_sum(live),
        settled_fen=_sum(transfers.filter(status=TransferStatus.PAID), kept),
        leaving_fen=_sum(transfers, kept),
    ).annotate(held_fen=F("amount_received_fen") - _sum(live.filter(debtor=None)) - F("leaving_fen"))


def _sum(rows: QuerySet[Any], amount: Any = "amount_fen") -> Coalesce:
    total = rows.order_by().values("intent").annotate(total=Sum(amount)).values("total")
    return Coalesce(Subquery(total, output_field=BigIntegerField()), 0, output_field=BigIntegerField())


def payments_list(
    *, organization: Any, state: str = "", words: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[PaymentIntent]:
    """Return the payments of a payer, newest first, with their sums; days are Shanghai's, both included."""
    rows = with_sums(PaymentIntent.objects.filter(payer=organization)).select_related("payee")
    conditions = {
        "unpaid": Q(status__in=UNPAID),
        "held": Q(held_fen__gt=0),
        "settled": Q(settled_fen__gt=0),
        "refunded": Q(returning_fen__gt=0),
        "canceled": Q(status=PaymentIntentStatus.CANCELED),
    }
    if state in conditions:
        rows = rows.filter(conditions[state])
    if words:
        rows = rows.filter(
            Q(description__icontains=words)
            | Q(payee__name__icontains=words)
            | Q(pk=words)
            | Q(pk__in=Charge.objects.filter(trade_no=words).values("intent"))
        )
    if since:
        rows = rows.filter(created_at__gte=end_of(since - timedelta(days=1)))
    if until:
        rows = rows.filter(created_at__lt=end_of(until))
    return rows.order_by("-created_at", "id")


def totals(rows: QuerySet[PaymentIntent]) -> Totals:
    """Return the sums of a list in one statement."""
    found = rows.order_by().aggregate(
        paid=Sum("amount_received_fen"),
        held=Sum("held_fen"),
        settled=Sum("settled_fen"),
        refunded=Sum("refunded_fen"),
        unpaid=Sum("amount_fen", filter=Q(status__in=UNPAID)),
    )
    return Totals(*(int(found[name] or 0) for name in ("paid", "held", "settled", "refunded", "unpaid")))


def head() -> list[str]:
    """Return the heading of the table."""
    return [
        _("付款编号"), _("提出时间"), _("款项"), _("收款机构"), _("金额（元）"), _("状态"), _("付款时间"), _("支付宝交易号"),
        _("尚在保管（元）"), _("已结算（元）"), _("已退款（元）"),
    ]  # fmt: skip


def table(rows: QuerySet[PaymentIntent]) -> Iterator[list[str]]:
    """Yield the table's rows; yuan as digits, ready to add up."""
    trade = Charge.objects.filter(intent=OuterRef("pk"), status=ChargeStatus.SUCCEEDED, is_late=False)
    for row in rows.annotate(trade_no=Subquery(trade.values("trade_no")[:1])).iterator(chunk_size=500):
        sums: Any = row
        yield [
            row.pk,
            f"{localtime(row.created_at):%Y-%m-%d %H:%M}",
            row.description,
            row.payee.name if row.payee else "",
            to_yuan(row.amount_fen),
            str(row.get_status_display()),
            f"{localtime(row.succeeded_at):%Y-%m-%d %H:%M}" if row.succeeded_at else "",
            sums.trade_no or "",
            to_yuan(sums.held_fen),
            to_yuan(sums.settled_fen),
            to_yuan(sums.refunded_fen),
        ]
