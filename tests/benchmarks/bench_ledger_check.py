"""The proof of the ledger over a million lines, beside one bare sum of the same lines."""

import time
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.test.utils import override_settings

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
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
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
    """Write payments with all that belongs to them by bulk: settled to one of the firms, every fourth half held."""
    from marketplace.core import clock
    from payments.models import Account, Balance, Charge, Entry, Line, PaymentIntent, Transfer
    from tests.factories.payments import make_party

    firms, now = [make_party(role="intermediary").pk for _number in range(FIRMS)], clock.now()
    clearing = FIRMS
    first = FIRMS + 1  # accounts are numbered: the firms' payables, clearing, then one escrow for each payment
    insert(Account, [{"id": number, "owner": str(firm)} for number, firm in enumerate(firms)], kind="payable")
    insert(Account, [{"id": clearing}], kind="provider_clearing")
    numbers = iter(range(payments))
    while batch := list(islice(numbers, AT_ONCE)):
        with transaction.atomic():
            fill_batch(batch, firms, now, clearing, first)
    insert(Balance, [{"account_id": number} for number in range(FIRMS)])
    held = [{"account_id": first + number, "amount_fen": fen(number) - part(number)} for number in range(payments)]
    insert(Balance, held)
    total = sum(row["amount_fen"] for row in held)
    insert(Balance, [{"account_id": clearing, "amount_fen": -total}], may_be_negative=True)
    assert (Charge.objects.count(), Entry.objects.count()) == (payments, 3 * payments)
    assert (PaymentIntent.objects.count(), Transfer.objects.count()) == (payments, payments)
    assert Line.objects.count() == PER_PAYMENT * payments


def fill_batch(batch: list[int], firms: list[int], now: datetime, clearing: int, first: int) -> None:
    """Write the payments of these numbers with their accounts, entries and lines."""
    from payments.models import Account, Charge, Entry, Line, PaymentIntent, Transfer

    insert(Account, [{"id": first + number, "owner": f"pi_{number}"} for number in batch], kind="escrow")
    insert(
        PaymentIntent,
        [
            {
                "id": f"pi_{number}",
                "amount_fen": fen(number),
                "amount_received_fen": fen(number),
                "transfer_group": f"HT{number // 3}",
                "payee_id": firms[number % FIRMS],
                "client_secret": str(number),
            }
            for number in batch
        ],
        status="succeeded",
        description="bench",
        created_at=now,
        succeeded_at=now,
    )
    insert(
        Charge,
        [
            {
                "id": f"py_{number}",
                "intent_id": f"pi_{number}",
                "amount_fen": fen(number),
                "out_trade_no": f"py_{number}",
                "trade_no": str(number),
            }
            for number in batch
        ],
        status="succeeded",
        time_expire=now,
        created_at=now,
    )
    insert(
        Transfer,
        [
            {
                "id": f"tr_{number}",
                "key": str(number),
                "intent_id": f"pi_{number}",
                "source_charge_id": f"py_{number}",
                "destination_id": firms[number % FIRMS],
                "amount_fen": part(number),
                "payout_fen": part(number),
            }
            for number in batch
        ],
        status="paid",
        created_at=now,
    )
    booked = []
    for number in batch:
        escrow, firm = first + number, number % FIRMS
        booked += [
            (f"charge:py_{number}", clearing, escrow, fen(number)),
            (f"transfer:tr_{number}", escrow, firm, part(number)),
            (f"transfer:tr_{number}:paid", firm, clearing, part(number)),
        ]
    begin = 3 * batch[0]
    entries = [{"id": begin + place + 1, "key": key} for place, (key, *_rest) in enumerate(booked)]
    insert(Entry, entries, kind="bench", at=now, line_count=2)
    insert(
        Line,
        [
            {"id": 2 * entry["id"] + side, "entry_id": entry["id"], "account_id": account, "amount_fen": amount}
            for entry, (_key, source, target, amount_) in zip(entries, booked, strict=True)
            for side, account, amount in ((0, source, -amount_), (1, target, amount_))
        ],
    )


def insert(model: type[Model], rows: list[dict[str, Any]], **same: Any) -> None:
    """Insert rows with one prepared statement; columns that a row does not name are those of a model made of `same`."""
    pattern = model(**same)
    fields = model._meta.concrete_fields
    prepared = {one.column: one.get_db_prep_save(getattr(pattern, one.attname), connection) for one in fields}
    columns = ", ".join(connection.ops.quote_name(name) for name in prepared)
    marks = ", ".join("%s" for _name in prepared)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks})",
            [list({**prepared, **row}.values()) for row in rows],
        )


def fen(number: int) -> int:
    return 10_000 + number % 977


def part(number: int) -> int:
    """Return what of a payment was transferred: all of it, or half of every fourth."""
    return fen(number) if number % 4 else fen(number) // 2
