"""What moved on the merchant's balance, and when: payments, fees, refunds, transfers and shares, as the bills list them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .content import mask
from .fees import fee_returned, service_fee
from .store import OPENING_FEN, Store

# The words of the fund bill's column 业务类型. Alipay does not list them publicly; these are decided here.
PAYMENT, FEE, REFUND, FEE_RETURN, TRANSFER = "在线支付", "收费", "交易退款", "退费", "转账"
SPLIT = "交易分账"


@dataclass
class Movement:
    """One movement. `fen` is what the balance gains, below zero what it loses; `fee_fen` what the fee did to it besides.

    `at` is China's time as text; `request_no` names a refund; `balance_fen` is the balance afterwards.
    """

    number: str
    kind: str
    at: str
    order_no: str
    out_no: str
    subject: str
    other: str
    fen: int
    fee_fen: int = 0
    request_no: str = ""
    created: str = ""
    remark: str = ""
    balance_fen: int = field(default=0, compare=False)


def movements(store: Store) -> list[Movement]:
    """Return all that ever moved, by time, each with the balance after it. A fee follows its payment at once."""
    found = [*_payments(store), *_refunds(store), *_transfers(store), *_splits(store)]
    found.sort(key=lambda movement: movement.at)  # stable: what happened within one second keeps its order
    balance = OPENING_FEN
    for movement in found:
        balance += movement.fen
        movement.balance_fen = balance
    return found


def _payments(store: Store) -> Iterator[Movement]:
    for row in store.all(
        "SELECT t.rowid AS id, t.*, a.name, a.logon_id FROM trade t JOIN account a ON a.user_id = t.buyer_id"
        " WHERE t.gmt_payment != '' ORDER BY t.rowid"
    ):
        fee = service_fee(row["total_fen"])
        paid = {"at": row["gmt_payment"], **_of_trade(row)}
        number = _number("1", row["gmt_payment"], row["id"])
        yield Movement(number=number, kind=PAYMENT, fen=row["total_fen"], fee_fen=-fee, **paid)
        if fee:
            number = _number("2", row["gmt_payment"], row["id"])
            yield Movement(number=number, kind=FEE, fen=-fee, remark="支付服务费", **paid)


def _refunds(store: Store) -> Iterator[Movement]:
    refunded: dict[str, int] = {}
    for row in store.all(
        "SELECT r.rowid AS id, r.*, t.*, a.name, a.logon_id FROM refund r JOIN trade t ON t.trade_no = r.trade_no"
        " JOIN account a ON a.user_id = t.buyer_id ORDER BY r.rowid"
    ):
        before = refunded.get(row["trade_no"], 0)
        refunded[row["trade_no"]] = before + row["amount_fen"]
        fee = fee_returned(row["total_fen"], before, row["amount_fen"])
        moved = {"at": row["gmt_refund"], "request_no": row["out_request_no"], **_of_trade(row)}
        number = _number("3", row["gmt_refund"], row["id"])
        yield Movement(number=number, kind=REFUND, fen=-row["amount_fen"], fee_fen=fee, remark=row["reason"], **moved)
        if fee:
            number = _number("4", row["gmt_refund"], row["id"])
            yield Movement(number=number, kind=FEE_RETURN, fen=fee, remark="退还支付服务费", **moved)


def _transfers(store: Store) -> Iterator[Movement]:
    for row in store.all(
        "SELECT f.rowid AS id, f.*, a.name, a.logon_id FROM transfer f JOIN account a ON a.user_id = f.payee_id"
        " ORDER BY f.rowid"
    ):
        yield Movement(
            number=_number("5", row["trans_date"], row["id"]),
            kind=TRANSFER,
            at=row["trans_date"],
            order_no=row["order_id"],
            out_no=row["out_biz_no"],
            subject=row["title"],
            other=_other(row),
            fen=-row["amount_fen"],
        )


def _splits(store: Store) -> Iterator[Movement]:
    """Give the shares that were paid; each carries its trade's numbers, and its split's in the remark."""
    for row in store.all(
        "SELECT h.rowid AS id, h.*, p.*, t.out_trade_no, t.subject, t.gmt_create, a.name, a.logon_id FROM share h"
        " JOIN split p ON p.settle_no = h.settle_no JOIN trade t ON t.trade_no = p.trade_no"
        " JOIN account a ON a.user_id = h.payee_id WHERE h.state = 'SUCCESS' ORDER BY h.rowid"
    ):
        yield Movement(
            number=_number("6", row["made_at"], row["id"]),
            kind=SPLIT,
            at=row["made_at"],
            fen=-row["amount_fen"],
            remark=row["out_request_no"],
            **_of_trade(row),
        )


def _of_trade(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_no": row["trade_no"],
        "out_no": row["out_trade_no"],
        "subject": row["subject"],
        "other": _other(row),
        "created": row["gmt_create"],
    }


def _other(row: dict[str, Any]) -> str:
    return f"*{row['name'][1:]}({mask(row['logon_id'])})"


def _number(kind: str, at: str, row: int) -> str:
    return f"{at[:10].replace('-', '')}{kind}{row:010d}"
