"""The database itself refuses what is uneven, incomplete, added later, changed or deleted: raw SQL, both databases."""

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.core import clock
from marketplace.core.proofs import PROOFS
from payments import triggers
from payments.actions import post_entry
from payments.actions.ledger import CLEARING, escrow, payable
from payments.models import Account, AccountKind, Balance, Entry, Line

pytestmark = pytest.mark.django_db(transaction=True)


def run(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def account(kind, owner=""):
    return Account.objects.get_or_create(kind=kind, owner=owner)[0].pk


def write(*amounts, count=None, key="raw"):
    """Write an entry and its lines by raw SQL in one transaction."""
    accounts = [account(AccountKind.SUSPENSE, str(number)) for number in range(len(amounts))]
    with transaction.atomic():
        lines = len(amounts) if count is None else count
        run(
            "INSERT INTO payments_entry (key, kind, at, line_count) VALUES (%s, 'raw', %s, %s)", key, clock.now(), lines
        )
        entry = Entry.objects.get(key=key).pk
        for one, amount in zip(accounts, amounts, strict=True):
            run("INSERT INTO payments_line (entry_id, account_id, amount_fen) VALUES (%s, %s, %s)", entry, one, amount)
    return entry


@pytest.fixture
def booked():
    return post_entry(key="k", kind="test", lines={CLEARING: -500, escrow("pi"): 500}, process=None, now=clock.now())


@pytest.mark.parametrize("amounts", [(5, -5), (5, -3, -2), (-1, 1, 2, -2), (2**62, -(2**62))])
def test_an_even_entry_is_taken(amounts):
    write(*amounts)
    assert Line.objects.count() == len(amounts)


@pytest.mark.parametrize(
    ("amounts", "count"),
    [((5, -4), 2), ((5, -5), 3), ((), 2), ((5,), 2), ((5, -5, 1), 3), ((5, -5), 1), ((1, 2, 3), 3), ((5, 0), 2)],
)
def test_an_uneven_or_incomplete_entry_cannot_be_committed(amounts, count):
    with pytest.raises(IntegrityError):
        write(*amounts, count=count)
    assert not Entry.objects.exists()
    assert not Line.objects.exists()


def test_what_is_uneven_on_the_way_may_be_even_at_the_end():
    """Only the commit counts: entries may be written before any of their lines."""
    one, two = (account(AccountKind.SUSPENSE, name) for name in "ab")
    with transaction.atomic():
        entries = Entry.objects.bulk_create(
            [Entry(key=key, kind="raw", at=clock.now(), line_count=2) for key in ("x", "y")]
        )
        Line.objects.bulk_create(Line(entry=entry, account_id=one, amount_fen=7) for entry in entries)
        Line.objects.bulk_create(Line(entry=entry, account_id=two, amount_fen=-7) for entry in entries)
    assert Line.objects.count() == 4


def test_a_savepoint_given_up_leaves_nothing_uneven():
    with transaction.atomic():
        point = transaction.savepoint()
        run("INSERT INTO payments_entry (key, kind, at, line_count) VALUES ('x', 'raw', %s, 2)", clock.now())
        transaction.savepoint_rollback(point)
        write(1, -1)
    assert list(Entry.objects.values_list("key", flat=True)) == ["raw"]


def test_no_line_is_added_later(booked):
    add = "INSERT INTO payments_line (entry_id, account_id, amount_fen) VALUES (%s, %s, 3), (%s, %s, -3)"
    one, two = (account(AccountKind.SUSPENSE, name) for name in "ab")
    with pytest.raises(IntegrityError, match="complete"):
        run(add, booked.pk, one, booked.pk, two)
    assert Line.objects.count() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_line SET amount_fen = amount_fen * 2",
        "UPDATE payments_line SET account_id = account_id",
        "UPDATE payments_entry SET key = 'other'",
        "UPDATE payments_entry SET line_count = 3",
        "UPDATE payments_account SET owner = 'mine' WHERE kind = 'escrow'",
        "DELETE FROM payments_line",
        "DELETE FROM payments_entry",
        "DELETE FROM payments_account",
    ],
)
def test_the_past_stays(booked, statement):
    with pytest.raises(IntegrityError, match="what is booked stays"):
        run(statement)
    assert [line.amount_fen for line in Line.objects.all()] == [-500, 500]
    assert list(PROOFS["ledger"]()) == ["ledger: escrow:pi holds 500 fen, the payments say 0"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no INSERT OR REPLACE.")
def test_nothing_takes_the_place_of_what_is_booked(booked):
    line = Line.objects.first()
    for statement, params in (
        (
            "INSERT OR REPLACE INTO payments_line (id, entry_id, account_id, amount_fen) VALUES (%s, %s, %s, -1)",
            (line.pk, line.entry_id, line.account_id),
        ),
        (
            "INSERT OR REPLACE INTO payments_line (entry_id, account_id, amount_fen) VALUES (%s, %s, -1)",
            (line.entry_id, line.account_id),
        ),
        (
            "INSERT OR REPLACE INTO payments_entry (id, key, kind, at, line_count) VALUES (%s, 'k', 'raw', %s, 2)",
            (booked.pk, clock.now()),
        ),
    ):
        with pytest.raises(IntegrityError, match="booked already"):
            run(statement, *params)
    assert [line.amount_fen for line in Line.objects.all()] == [-500, 500]


def test_what_we_owe_never_falls_below_zero(booked):
    for change in ("amount_fen = -1", "amount_fen = amount_fen - 501"):
        with pytest.raises(IntegrityError):
            run(
                f"UPDATE payments_balance SET {change} WHERE account_id = %s",
                account(AccountKind.ESCROW, "pi"),
            )
    assert Balance.objects.get(account__kind="escrow").amount_fen == 500
    post_entry(key="all", kind="test", lines={escrow("pi"): -500, payable(1): 500}, process=None, now=clock.now())


def test_a_missing_trigger_is_found(booked):
    wanted = triggers.missing(connection)
    assert wanted == []
    triggers.remove(connection)
    try:
        found = list(PROOFS["ledger"]())
        assert "ledger: the database lacks the trigger payments_line_kept" in "\n".join(found)
        Line.objects.filter(amount_fen=500).update(amount_fen=1)
        found = "\n".join(PROOFS["ledger"]())
        assert "all lines together are -499 fen, not zero" in found
        assert "entry k sums to -499 fen in 2 lines of 2" in found
        Line.objects.filter(amount_fen=1).update(amount_fen=500)
    finally:
        triggers.install(connection)
    assert triggers.missing(connection) == []
