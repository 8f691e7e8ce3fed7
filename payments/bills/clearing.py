"""Our side of a fund bill: the movements of the ledger's clearing account, under the keys that a bill has for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from payments.models import AccountKind, Charge, Entry, Line, Refund, Transfer, UnknownReceipt
from payments.states import TransferStatus

from .matching import Key, Ours, key_of
from .sides import Lines, around, chunks, take_charges, take_refunds
from .states import ReceiptStatus

SUSPENSE, RETURNED = "unknown_receipt", "unknown_receipt_returned"  # kinds of entries
Moved = tuple[str, int, datetime]  # the entry's key, what the merchant's account gained in fen, when


def fund_side(day: date, lines: Lines) -> dict[Key, Ours]:
    """Return the movements of the ledger's clearing account by key, provider fees left out (they are booked per day).

    Amounts have the sign of the merchant's account. What the lines name besides is looked up among objects that are not booked:
    so a payment that we wait for is known, and not taken for a stranger's.
    """
    ours = _movements(day)
    unknown: dict[str, set[str]] = {"payment": set(), "refund": set(), "transfer": set()}
    for line in lines():
        if line.type in unknown and key_of(line) not in ours:
            unknown[line.type].add(line.out_trade_no)
    _look_up_payments(ours, unknown["payment"])
    _look_up_refunds(ours, unknown["refund"])
    _look_up_transfers(ours, unknown["transfer"])
    return ours


def _movements(day: date) -> dict[Key, Ours]:
    """Return what was booked around a day. An entry's key says what it is of; see the ledger's actions."""
    of: dict[str, dict[str, Moved]] = {"charge": {}, "refund": {}, "transfer": {}, "bill": {}}
    ours: dict[Key, Ours] = {}
    lines = Line.objects.filter(account__kind=AccountKind.PROVIDER_CLEARING, entry__at__range=around(day)).order_by()
    for entry, kind, fen, at in lines.values_list("entry__key", "entry__kind", "amount_fen", "entry__at").iterator():
        what, _colon, rest = entry.partition(":")
        if "provider_fee" in kind:
            continue
        if what == "bill":
            if kind in {SUSPENSE, RETURNED}:
                of[what][entry] = (entry, -fen, at)
        elif what in of:
            of[what][rest.partition(":")[0]] = (entry, -fen, at)
        else:
            ours[f"#{entry}", "other", ""] = Ours(entry, -fen, at)
    _take_payments(ours, of["charge"])
    _take_refunds(ours, of["refund"])
    for pk, (entry, fen, at) in of["transfer"].items():
        ours[pk, "transfer", ""] = Ours(entry, fen, at)
    if of["bill"]:
        _take_receipts(ours, of["bill"])
    return ours


def _take_payments(ours: dict[Key, Ours], moved: Mapping[str, Moved]) -> None:
    for part in chunks(moved):
        rows = Charge.objects.filter(pk__in=part).order_by()
        for pk, order, trade_no, paid_at in rows.values_list("pk", "out_trade_no", "trade_no", "paid_at"):
            entry, fen, at = moved[pk]
            # The provider's own moment: what we book may be a lost notice made good much later.
            ours[order, "payment", ""] = Ours(entry, fen, paid_at or at, trade_no=trade_no or "")


def _take_refunds(ours: dict[Key, Ours], moved: Mapping[str, Moved]) -> None:
    for part in chunks(moved):
        rows = Refund.objects.filter(pk__in=part).order_by()
        for pk, order in rows.values_list("pk", "charge__out_trade_no"):
            ours[order, "refund", pk] = Ours(*moved[pk])


def _take_receipts(ours: dict[Key, Ours], moved: Mapping[str, Moved]) -> None:
    """Take money that nobody knew, and its returns; once settled it is a charge like any other."""
    for receipt in UnknownReceipt.objects.all():
        if receipt.status != ReceiptStatus.SETTLED and (came := moved.get(f"bill:{receipt.key}")):
            ours[receipt.out_trade_no, "payment", ""] = Ours(came[0], came[1], receipt.paid_at)
        if went := moved.get(f"bill:{receipt.key}:returned:{receipt.request_no}"):
            ours[receipt.out_trade_no, "refund", receipt.request_no] = Ours(*went)


def _look_up_payments(ours: dict[Key, Ours], orders: Iterable[str]) -> None:
    for part in chunks(sorted(orders)):
        known: dict[Key, Ours] = {}
        take_charges(known, Charge.objects.filter(out_trade_no__in=part))
        _take_booked(ours, known, lambda pk: f"charge:{pk}")
        for receipt in UnknownReceipt.objects.filter(out_trade_no__in=part).exclude(status=ReceiptStatus.SETTLED):
            came = Ours(f"bill:{receipt.key}", receipt.amount_fen, receipt.paid_at)
            ours.setdefault((receipt.out_trade_no, "payment", ""), came)


def _look_up_refunds(ours: dict[Key, Ours], orders: Iterable[str]) -> None:
    for part in chunks(sorted(orders)):
        known: dict[Key, Ours] = {}
        take_refunds(known, Refund.objects.filter(charge__out_trade_no__in=part))
        _take_booked(ours, known, lambda pk: f"refund:{pk}:succeeded")


def _look_up_transfers(ours: dict[Key, Ours], numbers: Iterable[str]) -> None:
    words = dict(TransferStatus.choices)
    for part in chunks(sorted(numbers)):
        rows = Transfer.objects.filter(pk__in=part).values_list("pk", "payout_fen", "status", "paid_at")
        known = {
            (pk, "transfer", ""): Ours(pk, -fen, at, status == TransferStatus.PAID, str(words[status]))
            for pk, fen, status, at in rows
        }
        _take_booked(ours, known, lambda pk: f"transfer:{pk}:paid")


def _take_booked(ours: dict[Key, Ours], known: Mapping[Key, Ours], entry: Callable[[str], str]) -> None:
    """Take what lines name and the ledger has not moved in these days: booked long before or after, or not booked at all."""
    names = [entry(one.object_id) for one in known.values()]
    booked = set(Entry.objects.filter(key__in=names).values_list("key", flat=True))
    for key, one in known.items():
        name = entry(one.object_id)
        is_booked = one.is_done and name in booked
        ours.setdefault(key, Ours(name, one.amount_fen, one.at, is_booked, one.status, one.trade_no))
