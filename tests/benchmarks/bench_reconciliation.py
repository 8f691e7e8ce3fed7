"""Reconciling a day of 100,000 bill lines: time and peak memory of a process that does nothing else."""

import io
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from tests.benchmarks.rows import Row

NAME = "Reconciling a day of 100,000 lines"
GOAL = (
    "a day's bills are reconciled in the morning, before people work: 100,000 trades and as many movements are read, written, matched with "
    "100,000 charges and with the ledger in under 60 s and 300 MB. Measured in a child process whose peak is its own; the reference is "
    "reading the same two files with `csv` alone, without checking or keeping anything"
)
LINES = 100_000
DAY = date(2026, 11, 25)
BATCH = 5_000


def run() -> list[Row]:
    from django.conf import settings

    folder = Path(settings.DATA_DIR)
    fill(folder)
    bare = bare_reading(folder)
    command = [sys.executable, "-c", "from tests.benchmarks.bench_reconciliation import child; child()", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2])
    seconds, megabytes, ok, breaks = done.stdout.split()[-4:]
    assert int(ok) >= LINES, done.stdout
    assert int(breaks) == 0, done.stdout
    return [
        Row(name="Take and match both bills", ours=float(seconds), reference=bare, unit="s", goal="ours <= 60"),
        Row(name="Peak memory of the process", ours=float(megabytes), reference=None, unit="MB", goal="ours <= 300"),
    ]


def fill(folder: Path) -> None:
    """Write 100,000 settled charges with their ledger lines into the database, and the bills that fit into the folder."""
    from payments.models import Account, AccountKind, Balance, Charge, Entry, Line, PaymentIntent
    from tests.factories.bills import Moved, Traded, at, fund_bill, trade_bill, trade_no_of

    total = sum(fen(number) for number in range(LINES))
    accounts = {}
    for kind, owner, amount in ((AccountKind.PROVIDER_CLEARING, "", -total), (AccountKind.ESCROW, "HT-1", total)):
        accounts[kind] = Account.objects.create(kind=kind, owner=owner)
        Balance.objects.create(account=accounts[kind], amount_fen=amount, may_be_negative=amount < 0)
    traded, moved = [], []
    for begin in range(0, LINES, BATCH):
        numbers = range(begin, begin + BATCH)
        moments = {number: at(DAY) + timedelta(milliseconds=400 * number) for number in numbers}
        intents = [
            PaymentIntent(
                id=f"pi_{number}",
                amount_fen=fen(number),
                amount_received_fen=fen(number),
                status="succeeded",
                description="付款",
                transfer_group="HT-1",
                created_at=moments[number],
                succeeded_at=moments[number],
            )
            for number in numbers
        ]
        PaymentIntent.objects.bulk_create(intents)
        Charge.objects.bulk_create(
            Charge(
                id=f"py_{number}",
                intent_id=f"pi_{number}",
                amount_fen=fen(number),
                out_trade_no=f"py_{number}",
                trade_no=f"{trade_no_of('x')}{number}",
                status="succeeded",
                time_expire=moments[number],
                created_at=moments[number],
                paid_at=moments[number],
            )
            for number in numbers
        )
        entries = Entry.objects.bulk_create(
            Entry(key=f"charge:py_{number}", kind="charge", at=moments[number], line_count=2) for number in numbers
        )
        lines = []
        for number, entry in zip(numbers, entries, strict=True):
            for kind, sign in ((AccountKind.PROVIDER_CLEARING, -1), (AccountKind.ESCROW, 1)):
                lines.append(Line(entry=entry, account=accounts[kind], amount_fen=sign * fen(number)))
            trade_no = f"{trade_no_of('x')}{number}"
            traded.append(Traded(f"py_{number}", fen(number), moments[number], trade_no=trade_no, fee_fen=0))
            moved.append(Moved(f"py_{number}", fen(number), moments[number], trade_no=trade_no))
        Line.objects.bulk_create(lines)
    (folder / "trade.zip").write_bytes(trade_bill(DAY, traded))
    (folder / "fund.zip").write_bytes(fund_bill(DAY, moved))


def fen(number: int) -> int:
    """Return an amount so small that its fee, 0.6 %, comes to nothing: every line is one of the two bills' 100,000."""
    return 1 + number % 80


def bare_reading(folder: Path) -> float:
    import csv
    import zipfile

    began = time.perf_counter()
    for name in ("trade.zip", "fund.zip"):
        with zipfile.ZipFile(folder / name, metadata_encoding="gbk") as archive:
            for member in archive.infolist():
                with archive.open(member) as raw, io.TextIOWrapper(raw, "gb18030", newline="") as text:
                    assert sum(1 for _row in csv.reader(text)) > 0
    return time.perf_counter() - began


def peak() -> float:
    """Return the most that this process ever held, in MB. `getrusage` would count the parent's, whose fork it is."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmHWM")


def child() -> None:
    """Reconcile the day with the files in the folder; say seconds, peak megabytes, good lines and breaks."""
    import django

    django.setup()
    from payments.actions.bills import take_bill
    from payments.actions.reconciliation import reconcile_day
    from payments.models import Break

    folder = Path(sys.argv[1])
    began = time.perf_counter()
    for name in ("trade.zip", "fund.zip"):
        take_bill(content=(folder / name).read_bytes(), day=DAY)
    row = reconcile_day(day=DAY, fetch=False)
    seconds = time.perf_counter() - began
    megabytes = peak()
    ok = min(counts["ok"] for counts in row.counts.values())
    print(seconds, megabytes, ok, Break.objects.count())
