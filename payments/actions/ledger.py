"""The one action that books money: an entry whose lines sum to zero, its balances kept with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from marketplace.core.models import Process
from marketplace.core.refusals import Refused
from marketplace.core.rows import write_each
from payments.models import Account, AccountKind, Balance, Entry, Line


class Purse(NamedTuple):
    """Name an account before it is looked up."""

    kind: AccountKind
    owner: str = ""


CLEARING = Purse(AccountKind.PROVIDER_CLEARING)
MAY_BE_NEGATIVE = frozenset({AccountKind.PROVIDER_CLEARING})


def escrow(transfer_group: str) -> Purse:
    return Purse(AccountKind.ESCROW, transfer_group)


def payable(organization_pk: int) -> Purse:
    return Purse(AccountKind.PAYABLE, str(organization_pk))


def in_transit(refund_id: str) -> Purse:
    return Purse(AccountKind.REFUND_IN_TRANSIT, refund_id)


def suspense(charge_id: str) -> Purse:
    return Purse(AccountKind.SUSPENSE, charge_id)


class Posting(NamedTuple):
    """Be an entry before it is booked: `lines` in fen, positive credits the account."""

    key: str
    kind: str
    lines: Mapping[Purse, int]
    process_id: int | None = None


def post_entry(*, key: str, kind: str, lines: Mapping[Purse, int], process: Process | None, now: datetime) -> Entry:
    """Book one entry; see post_entries."""
    posting = Posting(key, kind, lines, process.pk if process else None)
    (entry,) = post_entries([posting], now=now)
    return entry


@transaction.atomic
def post_entries(postings: Sequence[Posting], *, now: datetime) -> list[Entry]:
    """Book entries, each once by its key, in as many statements as one takes; a key known already returns its first entry.

    Refuses with `ledger_unbalanced` lines that do not sum to zero and with `balance_insufficient` when an account that must
    not fall below zero does not hold what all of them together take. Balances are locked in the order of their accounts.
    """
    for posting in postings:
        if sum(posting.lines.values()) != 0 or len(posting.lines) < 2 or not all(posting.lines.values()):
            raise Refused("ledger_unbalanced", _("分录不平，未入账。"), status=500)
    accounts = _accounts({purse for posting in postings for purse in posting.lines})
    keys = sorted(account.pk for account in accounts.values())
    list(
        Balance.objects.select_for_update().filter(account__in=keys).order_by("account_id").values_list("pk", flat=True)
    )
    known = {entry.key: entry for entry in Entry.objects.filter(key__in=[posting.key for posting in postings])}
    fresh = [posting for posting in postings if posting.key not in known]
    entries = [Entry(key=one.key, kind=one.kind, process_id=one.process_id, at=now) for one in fresh]
    Entry.objects.bulk_create(entries)
    known |= {entry.key: entry for entry in entries}
    lines = [
        Line(entry=entry, account=accounts[purse], amount_fen=amount)
        for posting, entry in zip(fresh, entries, strict=True)
        for purse, amount in posting.lines.items()
    ]
    Line.objects.bulk_create(lines)
    _shift(fresh, accounts)
    return [known[posting.key] for posting in postings]


def _shift(postings: Sequence[Posting], accounts: Mapping[Purse, Account]) -> None:
    """Bring the balances to their new lines, in the order of their accounts."""
    changes: defaultdict[Purse, int] = defaultdict(int)
    for posting in postings:
        for purse, amount in posting.lines.items():
            changes[purse] += amount
    more = []
    for purse, change in sorted(changes.items(), key=lambda item: accounts[item[0]].pk):
        pk = accounts[purse].pk
        if change >= 0 or purse.kind in MAY_BE_NEGATIVE:
            more.append([change, pk])
            continue
        fitting = Balance.objects.filter(pk=pk, amount_fen__gte=-change)
        if not fitting.update(amount_fen=F("amount_fen") + change):
            raise Refused("balance_insufficient", _("账户余额不足，未入账。"))
    write_each("UPDATE payments_balance SET amount_fen = amount_fen + %s WHERE account_id = %s", more)


def move(
    *, key: str, kind: str, source: Purse, target: Purse, amount_fen: int, process: Process | None, now: datetime
) -> Entry:
    """Book one amount from one account to another."""
    lines = {source: -amount_fen, target: amount_fen}
    return post_entry(key=key, kind=kind, lines=lines, process=process, now=now)


def _accounts(purses: Iterable[Purse]) -> dict[Purse, Account]:
    """Return the accounts of purses; those that are new are opened, by whoever comes first."""
    purses = set(purses)
    wanted = Q(pk__in=[])
    for kind in {purse.kind for purse in purses}:
        wanted |= Q(kind=kind, owner__in=[purse.owner for purse in purses if purse.kind == kind])
    found = {Purse(AccountKind(one.kind), one.owner): one for one in Account.objects.filter(wanted)}
    missing = sorted(purses - found.keys())
    if missing:
        Account.objects.bulk_create(
            [Account(kind=purse.kind, owner=purse.owner) for purse in missing], ignore_conflicts=True
        )
        found = {Purse(AccountKind(one.kind), one.owner): one for one in Account.objects.filter(wanted)}
        fresh = [Balance(account=found[one], may_be_negative=one.kind in MAY_BE_NEGATIVE) for one in missing]
        Balance.objects.bulk_create(fresh, ignore_conflicts=True)
    return found
