"""The proof of the ledger over a million lines, beside one bare sum of the same lines."""

import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction

from tests.benchmarks.rows import Row

NAME = "Proof of the ledger"
GOAL = (
    "a million lines are some years of a city's payments; their proof should fit into any night and also into a pause at noon: 30 s. "
    "The reference is the database's own sum of all lines, which reads each once; the proof adds them up by entry, by account and "
    "beside the payment objects, so the ratio to it shows what these questions cost and has no goal of its own"
)
LINES = 1_000_000
PER_PAYMENT = 6  # paid in, transferred, paid out: two lines each
FIRMS = 200
AT_ONCE = 5_000


def run() -> list[Row]:
    from marketplace.core.proofs import PROOFS

    began = time.perf_counter()
    fill(LINES // PER_PAYMENT)
    print(f"  {LINES:,} lines written in {time.perf_counter() - began:.0f} s", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    began = time.perf_counter()
    faults = list(PROOFS["ledger"]())
    ours = time.perf_counter() - began
    assert faults == [], faults[:3]
    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute("SELECT COUNT(*), SUM(amount_fen) FROM payments_line")
        count, total = cursor.fetchone()
        bare = time.perf_counter() - began
    assert (count, total) == (LINES // PER_PAYMENT * PER_PAYMENT, 0)
    return [Row(name=f"Prove {LINES:,} lines", ours=ours, reference=bare, unit="s", goal="ours <= 30")]


def fill(payments: int) -> None:
    """Write payments with all that belongs to them by bulk: settled to one of the firms, every fourth still held."""
    from marketplace.core import clock
    from payments.actions.ledger import CLEARING, Purse, escrow, payable
    from payments.models import Account, Balance, Charge, Entry, Line, PaymentIntent, Transfer
    from tests.factories.payments import make_party

    firms, now = [make_party(role="intermediary") for _number in range(FIRMS)], clock.now()
    purses: dict[Purse, int] = {}

    def open_accounts(wanted: list[Purse]) -> None:
        rows = Account.objects.bulk_create([Account(kind=one.kind, owner=one.owner) for one in wanted])
        purses.update(zip(wanted, (row.pk for row in rows), strict=True))

    open_accounts([CLEARING, *(payable(firm.pk) for firm in firms)])
    sums: dict[int, int] = dict.fromkeys(purses.values(), 0)
    numbers: Iterator[int] = iter(range(payments))
    while batch := list(islice(numbers, AT_ONCE)):
        with transaction.atomic():
            intents = PaymentIntent.objects.bulk_create(
                PaymentIntent(
                    amount_fen=fen(number),
                    amount_received_fen=fen(number),
                    status="succeeded",
                    description="bench",
                    transfer_group=f"HT{number // 3}",
                    payee=firms[number % FIRMS],
                    created_at=now,
                    succeeded_at=now,
                )
                for number in batch
            )
            charges = Charge.objects.bulk_create(
                Charge(
                    id=f"py_{number}",
                    intent=intent,
                    amount_fen=intent.amount_fen,
                    out_trade_no=f"py_{number}",
                    trade_no=str(number),
                    status="succeeded",
                    time_expire=now,
                    created_at=now,
                )
                for number, intent in zip(batch, intents, strict=True)
            )
            transfers = Transfer.objects.bulk_create(
                Transfer(
                    id=f"tr_{number}",
                    key=str(number),
                    intent=intent,
                    source_charge=charge,
                    destination=intent.payee,
                    amount_fen=part(number),
                    payout_fen=part(number),
                    status="paid",
                    created_at=now,
                )
                for number, intent, charge in zip(batch, intents, charges, strict=True)
            )
            open_accounts([escrow(intent.pk) for intent in intents])
            booked: list[tuple[str, Purse, Purse, int]] = []
            for intent, charge, transfer in zip(intents, charges, transfers, strict=True):
                firm = payable(transfer.destination_id)
                booked += [
                    (f"charge:{charge.pk}", CLEARING, escrow(intent.pk), charge.amount_fen),
                    (f"transfer:{transfer.pk}", escrow(intent.pk), firm, transfer.amount_fen),
                    (f"transfer:{transfer.pk}:paid", firm, CLEARING, transfer.amount_fen),
                ]
            entries = Entry.objects.bulk_create(
                Entry(key=key, kind=key.split(":")[0], at=now, line_count=2) for key, *_rest in booked
            )
            lines: list[Any] = []
            for entry, (_key, source, target, amount) in zip(entries, booked, strict=True):
                for pk, change in ((purses[source], -amount), (purses[target], amount)):
                    lines.append(Line(entry=entry, account_id=pk, amount_fen=change))
                    sums[pk] = sums.get(pk, 0) + change
            Line.objects.bulk_create(lines)
            for intent in intents:
                del purses[escrow(intent.pk)]
    clearing = purses[CLEARING]
    Balance.objects.bulk_create(
        (Balance(account_id=pk, amount_fen=amount, may_be_negative=pk == clearing) for pk, amount in sums.items()),
        batch_size=AT_ONCE,
    )


def fen(number: int) -> int:
    return 10_000 + number % 977


def part(number: int) -> int:
    """Return what of a payment was transferred: all of it, or half of every fourth."""
    return fen(number) if number % 4 else fen(number) // 2
