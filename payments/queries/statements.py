"""Statements: what came in, went out and is left, row by row from the ledger's lines; of a firm, and of a contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.models import AccountKind, Entry, Line, PaymentIntent, Refund, Transfer, TransferReversal

AT_ONCE = 500  # entries read together
Lines = dict[str, int]  # an entry's fen by kind of account


@dataclass(frozen=True)
class StatementRow:
    """One row: amounts in fen and never below zero; `debt_fen` is what the firm has yet to repay after it."""

    at: datetime
    what: str | Promise
    reference: str
    about: str
    in_fen: int
    out_fen: int
    balance_fen: int
    debt_fen: int = 0


@dataclass(frozen=True)
class Part:
    """One row before it is counted on: positive came in, negative went out."""

    what: str | Promise
    fen: int
    passed_fen: int = 0  # came in and went out at once
    about: str = ""


def statement_of(
    *, organization: Any, since: datetime | None = None, until: datetime | None = None
) -> Iterator[StatementRow]:
    """Yield what became a firm's, what was taken off and what was paid out to it, `since` (with) to `until` (without).

    The first row is the opening balance when `since` is given. The balance is what is owed to the firm and not yet paid
    out: the account `payable`; `debt_fen` what it owes from refunds that the platform advanced.
    """
    owner = str(organization.pk)
    own = Q(account__kind__in=(AccountKind.PAYABLE, AccountKind.DEBT), account__owner=owner)
    balance, debt = _opening(own, since)
    if since is not None:
        yield StatementRow(since, _("期初余额"), "", "", 0, 0, balance, debt)
    entries = _between(Entry.objects.filter(pk__in=Line.objects.filter(own).values("entry")), since, until)
    for batch in _batches(entries):
        about = _subjects(batch)
        for entry in batch:
            lines = _by_kind(entry, owner)
            debt -= lines.get(AccountKind.DEBT, 0)
            for part in _firm_parts(entry, lines):
                balance += part.fen
                yield _row(entry, part, about.get(_object(entry), ""), balance, debt)


def statement_of_group(*, transfer_group: str) -> Iterator[StatementRow]:
    """Yield what was paid in, returned and settled for all payments of a contract; the balance is what is held for it.

    A refund of money that was settled already passes through: the platform advanced it, nothing held went out.
    """
    intents = dict(PaymentIntent.objects.filter(transfer_group=transfer_group).values_list("pk", "description"))
    held = Line.objects.filter(account__kind=AccountKind.ESCROW, account__owner__in=list(intents)).values("entry")
    advanced = Refund.objects.filter(intent__transfer_group=transfer_group, debtor__isnull=False)
    keys = [f"refund:{pk}{tail}" for pk in advanced.values_list("pk", flat=True) for tail in ("", ":failed")]
    entries = _between(Entry.objects.filter(Q(pk__in=held) | Q(key__in=keys)), None, None)
    balance = 0
    for batch in _batches(entries):
        about = _subjects(batch)
        for entry in batch:
            for part in _group_parts(entry, intents):
                balance += part.fen
                yield _row(entry, part, about.get(_object(entry), ""), balance, 0)


def _firm_parts(entry: Entry, lines: Lines) -> Iterable[Part]:
    """Read an entry as its firm does: gross first, then what was taken off it."""
    payable, gross = lines.get(AccountKind.PAYABLE, 0), -lines.get(AccountKind.ESCROW, 0)
    fee, repaid = lines.get(AccountKind.PLATFORM_FEE, 0), lines.get(AccountKind.PLATFORM_FUNDS, 0)
    match entry.kind:
        case "transfer_created" | "transfer_reversed" if gross:
            is_back = gross < 0
            yield Part(_("撤回结算") if is_back else _("结算"), gross)
            if fee:
                yield Part(_("退还平台服务费") if is_back else _("平台服务费"), -fee)
            if repaid:
                yield Part(_("撤销抵还垫付退款") if is_back else _("抵还垫付退款"), -repaid)
        case "transfer_created":
            yield Part(_("返还多抵的垫付退款"), payable)
        case "transfer_reversed":
            yield Part(_("撤回返还"), payable)
        case "transfer_paid":
            yield Part(_("支付宝付款"), payable)
        case "refund_advanced":
            yield Part(_("平台垫付退款，待抵还"), 0)
        case "refund_failed":
            yield Part(_("垫付的退款未成，不再抵还"), 0)
        case _:
            yield Part(entry.kind, payable)


def _group_parts(entry: Entry, intents: dict[str, str]) -> Iterable[Part]:
    """Read an entry as the two sides of a contract do: one part for each of its payments that it touches."""
    words = {
        "charge": _("付款"),
        "refund_created": _("退款"),
        "refund_failed": _("退款未成，退回保管"),
        "transfer_created": _("结算"),
        "transfer_reversed": _("撤回结算"),
        "held_apart": _("按节点分开保管"),
    }
    parts = [
        Part(words.get(entry.kind, entry.kind), line.amount_fen, about=intents[line.account.owner])
        for line in entry.lines.all()
        if line.account.kind == AccountKind.ESCROW and line.account.owner in intents
    ]
    if parts:
        return parts
    passed = sum(line.amount_fen for line in entry.lines.all() if line.account.kind == AccountKind.REFUND_IN_TRANSIT)
    is_advanced = entry.kind == "refund_advanced"
    return [Part(_("结算后退款，平台垫付") if is_advanced else _("垫付的退款未成"), 0, passed_fen=abs(passed))]


def _row(entry: Entry, part: Part, about: str, balance: int, debt: int) -> StatementRow:
    came, went = max(part.fen, 0) + part.passed_fen, max(-part.fen, 0) + part.passed_fen
    return StatementRow(entry.at, part.what, _object(entry), part.about or about, came, went, balance, debt)


def _opening(own: Q, since: datetime | None) -> tuple[int, int]:
    """Return balance and debt before `since`."""
    if since is None:
        return 0, 0
    sums = Line.objects.filter(own, entry__at__lt=since).order_by().values_list("account__kind")
    fen: dict[str, int] = {kind: int(total) for kind, total in sums.annotate(fen=Sum("amount_fen"))}
    return fen.get(AccountKind.PAYABLE, 0), -fen.get(AccountKind.DEBT, 0)


def _between(entries: QuerySet[Entry], since: datetime | None, until: datetime | None) -> QuerySet[Entry]:
    if since is not None:
        entries = entries.filter(at__gte=since)
    if until is not None:
        entries = entries.filter(at__lt=until)
    return entries.order_by("at", "pk").prefetch_related("lines__account")


def _batches(entries: QuerySet[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for entry in entries.iterator(chunk_size=AT_ONCE):
        batch.append(entry)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _by_kind(entry: Entry, owner: str) -> Lines:
    """Return an entry's fen by kind of account; of payables and debts this firm's alone."""
    fen: Lines = {}
    for line in entry.lines.all():
        account = line.account
        if account.kind not in {AccountKind.PAYABLE, AccountKind.DEBT} or account.owner == owner:
            fen[account.kind] = fen.get(account.kind, 0) + line.amount_fen
    return fen


def _object(entry: Entry) -> str:
    """Return the id of what an entry is about: its key reads "transfer:tr_1:paid"."""
    return f"{entry.key}:".split(":")[1]


def _subjects(batch: list[Entry]) -> dict[str, str]:
    """Return what the transfers, reversals and refunds of a batch of entries were for, by their ids."""
    keys = [_object(entry) for entry in batch]
    found: dict[str, str] = {}
    for rows, what_for in (
        (Transfer.objects, "intent__description"),
        (Refund.objects, "intent__description"),
        (TransferReversal.objects, "transfer__intent__description"),
    ):
        found |= dict(rows.filter(pk__in=keys).values_list("pk", what_for))
    return found
