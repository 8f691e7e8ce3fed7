"""The one action that books money: entries whose lines sum to zero, their balances kept with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from marketplace.core.models import Process
from marketplace.core.refusals import Refused
from marketplace.core.rows import fetch_of, insert, write_each
from payments.models import Account, AccountKind, Balance, Entry, Line


class Purse(NamedTuple):
    """Name an account before it is looked up."""

    kind: AccountKind
    owner: str = ""


CLEARING = Purse(AccountKind.PROVIDER_CLEARING)
PLATFORM_FEE = Purse(AccountKind.PLATFORM_FEE)
PROVIDER_FEE = Purse(AccountKind.PROVIDER_FEE)
PLATFORM_FUNDS = Purse(AccountKind.PLATFORM_FUNDS)
CLAIMS = Purse(AccountKind.CLAIMS)
MAY_BE_NEGATIVE = frozenset(
    {AccountKind.PROVIDER_CLEARING, AccountKind.PROVIDER_FEE, AccountKind.DEBT, AccountKind.CLAIMS}
)


def escrow(intent_id: str) -> Purse:
    """Name what is held for one payment: one milestone."""
    return Purse(AccountKind.ESCROW, intent_id)


def payable(organization_pk: int) -> Purse:
    """Name what is a firm's and not yet paid out."""
    return Purse(AccountKind.PAYABLE, str(organization_pk))


def in_transit(refund_id: str) -> Purse:
    """Name what is on its way back to a payer."""
    return Purse(AccountKind.REFUND_IN_TRANSIT, refund_id)


def suspense(owner: str) -> Purse:
    """Name money that nobody can place: a late charge's id, or what a bill names."""
    return Purse(AccountKind.SUSPENSE, owner)


def debt(organization_pk: int) -> Purse:
    """Name what a firm owes the platform from advanced refunds: below zero by that amount."""
    return Purse(AccountKind.DEBT, str(organization_pk))


class Posting(NamedTuple):
    """Be an entry before it is booked: `lines` in fen, positive credits the account."""

    key: str
    kind: str
    lines: Mapping[Purse, int]
    process_id: int | None = None


def post_entry(*, key: str, kind: str, lines: Mapping[Purse, int], process: Process | None, now: datetime) -> Entry:
    """Book one entry; see post_entries."""
    (entry,) = post_entries([Posting(key, kind, lines, process.pk if process else None)], now=now)
    return entry


class Written(NamedTuple):
    """Be entries that are written, with what they still have to change of the balances."""

    entries: list[Entry]
    fresh: Sequence[Posting]
    accounts: Mapping[Purse, int]


@transaction.atomic
def post_entries(postings: Sequence[Posting], *, now: datetime) -> list[Entry]:
    """Book entries, each once by its key, in as many statements as one takes; a key known already returns its first entry.

    Refuses with `ledger_unbalanced` lines that do not sum to zero and with `balance_insufficient` when an account that must
    not fall below zero does not hold what all of them together take. Balances are locked in the order of their accounts.
    """
    accounts = _accounts({purse for posting in postings for purse in posting.lines})
    _locked(accounts)
    written = _write(postings, accounts, now)
    _shift(written)
    return written.entries


def write_entries(postings: Sequence[Posting], *, now: datetime) -> Written:
    """Write entries and leave the balances to finish_entries, later in the same transaction.

    For bookings under other locks that no two transactions make at once: the accounts that all payments share are then held
    for the end of the transaction alone.
    """
    return _write(postings, _accounts({purse for posting in postings for purse in posting.lines}), now)


def finish_entries(written: Written) -> None:
    """Lock the balances of written entries in the order of their accounts and bring them up to date."""
    _locked(written.accounts)
    _shift(written)


@transaction.atomic
def held_on(purses: Iterable[Purse]) -> dict[Purse, int]:
    """Lock the balances of purses in the order of their accounts until the transaction ends, and return them in fen.

    For an entry whose lines depend on what an account holds: name all the purses that it may touch.
    """
    accounts = _accounts(purses)
    amounts = _locked(accounts)
    return {purse: amounts[pk] for purse, pk in accounts.items()}


def move(
    *, key: str, kind: str, source: Purse, target: Purse, amount_fen: int, process: Process | None, now: datetime
) -> Entry:
    """Book one amount from one account to another."""
    lines = {source: -amount_fen, target: amount_fen}
    return post_entry(key=key, kind=kind, lines=lines, process=process, now=now)


def is_open(purse: Purse) -> bool:
    """Tell whether anything was ever booked on an account."""
    return Account.objects.filter(kind=purse.kind, owner=purse.owner).exists()


def _write(postings: Sequence[Posting], accounts: Mapping[Purse, int], now: datetime) -> Written:
    for posting in postings:
        if sum(posting.lines.values()) != 0 or len(posting.lines) < 2 or not all(posting.lines.values()):
            raise Refused("ledger_unbalanced", _("分录不平，未入账。"), status=500)
    known = {entry.key: entry for entry in Entry.objects.filter(key__in=[posting.key for posting in postings])}
    first = {posting.key: posting for posting in reversed(postings)}  # of two under one key the first counts
    fresh = [posting for key, posting in reversed(first.items()) if key not in known]
    entries = [
        Entry(key=one.key, kind=one.kind, process_id=one.process_id, at=now, line_count=len(one.lines)) for one in fresh
    ]
    insert(entries)
    known |= {entry.key: entry for entry in entries}
    insert(
        [
            Line(entry_id=entry.pk, account_id=accounts[purse], amount_fen=amount)
            for posting, entry in zip(fresh, entries, strict=True)
            for purse, amount in posting.lines.items()
        ],
        are_keys_wanted=False,
    )
    return Written([known[posting.key] for posting in postings], fresh, accounts)


def _locked(accounts: Mapping[Purse, int]) -> dict[int, int]:
    rows = Balance.objects.select_for_update().filter(account__in=accounts.values()).order_by("account_id")
    return dict(rows.values_list("pk", "amount_fen"))


def _shift(written: Written) -> None:
    """Bring the balances to their new lines; they are locked."""
    changes: defaultdict[Purse, int] = defaultdict(int)
    for posting in written.fresh:
        for purse, amount in posting.lines.items():
            changes[purse] += amount
    more = []
    for purse, change in changes.items():
        pk = written.accounts[purse]
        if change >= 0 or purse.kind in MAY_BE_NEGATIVE:
            more.append([change, pk])
            continue
        fitting = Balance.objects.filter(pk=pk, amount_fen__gte=-change)
        if not fitting.update(amount_fen=F("amount_fen") + change):
            raise Refused("balance_insufficient", _("账户余额不足，未入账。"))
    write_each(
        "UPDATE payments_balance SET amount_fen = amount_fen + column1 FROM fresh WHERE account_id = column2", more
    )


def _accounts(purses: Iterable[Purse]) -> dict[Purse, int]:
    """Return the keys of purses' accounts; those that are new are opened, in one order, by whoever comes first."""
    purses = set(purses)
    accounts = _found(purses)
    missing = sorted(purses - accounts.keys())
    if missing:
        open_each = (
            "INSERT INTO payments_account (kind, owner) VALUES {} ON CONFLICT DO NOTHING RETURNING kind, owner, id"
        )
        accounts |= _as_accounts(fetch_of(open_each, missing))
        accounts |= _found(set(missing) - accounts.keys())  # somebody else opened them just now
        rows = [[accounts[purse], 0, purse.kind in MAY_BE_NEGATIVE] for purse in missing]
        fetch_of(
            "INSERT INTO payments_balance (account_id, amount_fen, may_be_negative) VALUES {} ON CONFLICT DO NOTHING RETURNING 1",
            rows,
        )
    return accounts


def _found(purses: Collection[Purse]) -> dict[Purse, int]:
    return _as_accounts(
        fetch_of("SELECT kind, owner, id FROM payments_account WHERE (kind, owner) IN (VALUES {})", purses)
    )


def _as_accounts(rows: Iterable[tuple[str, str, int]]) -> dict[Purse, int]:
    return {Purse(AccountKind(kind), owner): pk for kind, owner, pk in rows}
