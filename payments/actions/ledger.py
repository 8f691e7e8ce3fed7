"""The one action that books money: an entry whose lines sum to zero, its balances kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from marketplace.core.models import Process
from marketplace.core.refusals import Refused
from payments.models import Account, AccountKind, Balance, Entry, Line


class Purse(NamedTuple):
    """Name an account before it is looked up."""

    kind: AccountKind
    owner: str = ""


CLEARING = Purse(AccountKind.PROVIDER_CLEARING)
PROVIDER_FEE = Purse(AccountKind.PROVIDER_FEE)
MAY_BE_NEGATIVE = frozenset({AccountKind.PROVIDER_CLEARING, AccountKind.PROVIDER_FEE})


def escrow(transfer_group: str) -> Purse:
    return Purse(AccountKind.ESCROW, transfer_group)


def payable(organization_pk: int) -> Purse:
    return Purse(AccountKind.PAYABLE, str(organization_pk))


def in_transit(refund_id: str) -> Purse:
    return Purse(AccountKind.REFUND_IN_TRANSIT, refund_id)


def suspense(charge_id: str) -> Purse:
    return Purse(AccountKind.SUSPENSE, charge_id)


@transaction.atomic
def post_entry(*, key: str, kind: str, lines: Mapping[Purse, int], process: Process | None, now: datetime) -> Entry:
    """Book `lines` (fen, positive credits the account) under `key`, once: the same key again returns the first entry.

    Refuses with `ledger_unbalanced` lines that do not sum to zero and with `balance_insufficient` what an account that
    must not fall below zero does not hold. Balances are locked in the order of their accounts.
    """
    if sum(lines.values()) != 0 or len(lines) < 2 or not all(lines.values()):
        raise Refused("ledger_unbalanced", _("分录不平，未入账。"), status=500)
    accounts = {purse: _account(purse) for purse in sorted(lines)}
    list(
        Balance.objects.select_for_update()
        .filter(account__in=[account.pk for account in accounts.values()])
        .order_by("account_id")
        .values_list("pk", flat=True)
    )
    if earlier := Entry.objects.filter(key=key).first():
        return earlier
    entry = Entry.objects.create(key=key, kind=kind, process=process, at=now)
    for purse, amount in sorted(lines.items(), key=lambda item: accounts[item[0]].pk):
        account = accounts[purse]
        Line.objects.create(entry=entry, account=account, amount_fen=amount)
        fitting = Balance.objects.filter(pk=account.pk)
        if amount < 0 and purse.kind not in MAY_BE_NEGATIVE:
            fitting = fitting.filter(amount_fen__gte=-amount)
        if not fitting.update(amount_fen=F("amount_fen") + amount):
            raise Refused("balance_insufficient", _("账户余额不足，未入账。"))
    return entry


def move(
    *, key: str, kind: str, source: Purse, target: Purse, amount_fen: int, process: Process | None, now: datetime
) -> Entry:
    """Book one amount from one account to another."""
    lines = {source: -amount_fen, target: amount_fen}
    return post_entry(key=key, kind=kind, lines=lines, process=process, now=now)


def _account(purse: Purse) -> Account:
    account, is_new = Account.objects.get_or_create(kind=purse.kind, owner=purse.owner)
    if is_new:
        Balance.objects.get_or_create(account=account, defaults={"may_be_negative": purse.kind in MAY_BE_NEGATIVE})
    return account
