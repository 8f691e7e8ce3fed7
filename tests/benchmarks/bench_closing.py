"""500 needs whose sign-up and draw fall due at the same second, closed by two workers, beside bare transactions."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from marketplace.core import clock
from tests.benchmarks.rows import Row

NAME = "500 needs due at the same second"
GOAL = (
    "the deadline is acted on for all needs before reactions follow: none may be closed later than five seconds. Then for each the "
    "list is frozen and hashed, the seed revealed, the firms drawn, the award proposed, four parties told and the search renewed, some "
    "seventy statements, and nearly all of the time is spent in building them. Two worker processes share the work; each looks twice "
    "a second. The reference is as many durable transactions with the raw driver, each an UPDATE and two INSERTs. "
    "Nothing may be done twice: the benchmark counts the events of every need, replays every choice, and fails otherwise"
)
NEEDS, WORKERS, FIRMS = 500, 2, 3
ONCE = ("selection_started", "pool_frozen", "selection_decided", "award_proposed")
TRANSACTIONS_EACH = 3
ROOT = Path(__file__).resolve().parent.parent.parent


def run() -> list[Row]:
    engine = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    due_at = prepare()
    seconds = close_all(due_at)
    last = check(due_at)
    bare = bare_seconds()
    what = f"{NEEDS} needs, {WORKERS} workers, {engine}"
    rows = [
        Row(name=f"Sign-up closed, last of {what}", ours=last, reference=bare, unit="s", goal="ours <= 5"),
        Row(name=f"Drawn and proposed, last of {what}", ours=seconds, reference=bare, unit="s", goal="ours <= 25"),
    ]
    return rows if engine == "PostgreSQL" else rows + on_postgres()


def prepare() -> datetime:
    """Make the needs through the actions, each with the same three firms; return when they fall due."""
    from marketplace.tenders.models import Method, Tender
    from tests.factories.bidding import make_bidder
    from tests.factories.catalog import make_service
    from tests.factories.parties import make_buyer, make_firm
    from tests.factories.tenders import make_tender

    settings.ASSUME_PLAIN_CALENDAR = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    began, far = clock.now(), clock.now() + timedelta(hours=1)
    service, buyer = make_service(), make_buyer()
    firms = [make_firm(services=[service]) for _number in range(FIRMS)]
    keys = []
    for _number in range(NEEDS):
        tender = make_tender(
            buyer=buyer, service=service, method=Method.DRAW, now=began, signup_ends_at=far, selection_at=far
        )
        for firm in firms:
            make_bidder(tender=tender, organization=firm)
        keys.append(tender.pk)
    due_at = clock.now() + timedelta(seconds=8)
    bring_forward(due_at)
    Tender.objects.filter(pk__in=keys).update(signup_ends_at=due_at, selection_at=due_at)
    print(f"  {NEEDS} needs made in {(clock.now() - began).total_seconds():.0f} s", flush=True)
    return due_at


def bring_forward(due_at: datetime) -> None:
    """Let the safe give the secrets out at the due second: they were put in for an hour that the preparation does not take."""
    from marketplace.awards.models import Selection
    from marketplace.core.safe import safe

    box = safe()
    for commitment in Selection.objects.values_list("commitment", flat=True):
        name = f"draw-{commitment}"
        box.put(name, box.take(name, clock.now() + timedelta(hours=2)), due_at)


def close_all(due_at: datetime) -> float:
    """Run the workers over the due second; return how long after it the last need had its award."""
    from marketplace.awards.models import Award

    command = [sys.executable, "manage.py", "worker", "--interval", "0.5"]
    environment = {**os.environ, "ASSUME_PLAIN_CALENDAR": "1"}
    environment["EMAIL_BACKEND"] = "django.core.mail.backends.dummy.EmailBackend"
    connections.close_all()
    workers = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) for _number in range(WORKERS)
    ]
    try:
        limit = due_at + timedelta(seconds=180)
        while (done := Award.objects.count()) < NEEDS:
            if clock.now() > limit:
                raise RuntimeError(f"only {done} of {NEEDS} needs were closed in 180 s")
            time.sleep(0.05)
        return (clock.now() - due_at).total_seconds()
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(timeout=30)


def check(due_at: datetime) -> float:
    """Fail unless every need went through each step exactly once and replays; return how late the last one was closed."""
    from marketplace.awards.queries import finished_selections, replay
    from marketplace.core.models import Event

    counts = Counter(Event.objects.filter(name__in=ONCE).values_list("process", "name"))
    twice = {key: count for key, count in counts.items() if count != 1}
    faults = [fault for selection in finished_selections() for fault in replay(selection)]
    if twice or len(counts) != NEEDS * len(ONCE) or faults:
        raise RuntimeError(f"done twice: {twice}; {len(counts)} steps of {NEEDS * len(ONCE)}; faults: {faults[:3]}")
    # The moment is the database's clock read under the need's lock, so it is when the deadline was acted on.
    last = Event.objects.filter(name="selection_started").order_by("-at").values_list("at", flat=True)[0]
    return (last - due_at).total_seconds()


TABLES = (
    "DROP TABLE IF EXISTS bare_need",
    "DROP TABLE IF EXISTS bare_event",
    "CREATE TABLE bare_need (id integer PRIMARY KEY, status varchar(10) NOT NULL)",
    "CREATE TABLE bare_event (need integer NOT NULL, number integer NOT NULL, data text NOT NULL, UNIQUE (need, number))",
)


def bare_seconds() -> float:
    """Return how long the same number of transactions takes in one loop with the raw driver."""
    if connection.vendor == "postgresql":
        import psycopg

        parameters = connection.get_connection_params()
        database: Any = psycopg.connect(**{name: parameters[name] for name in ("dbname", "user", "host", "port")})
        database.autocommit = True
        mark = "%s"
    else:
        database = sqlite3.connect(Path(settings.DATA_DIR) / "bare.sqlite3", isolation_level=None)
        database.executescript(settings.DATABASES["default"]["OPTIONS"]["init_command"])
        mark = "?"
    for statement in TABLES:
        database.execute(statement)
    for need in range(NEEDS):
        database.execute(f"INSERT INTO bare_need VALUES ({mark}, 'open')", (need,))
    began, data = time.perf_counter(), json.dumps({"text": "x" * 400})
    for need in range(NEEDS):
        for turn in range(TRANSACTIONS_EACH):
            database.execute("BEGIN" if mark == "%s" else "BEGIN IMMEDIATE")
            database.execute(f"UPDATE bare_need SET status = {mark} WHERE id = {mark}", (f"s{turn}", need))
            for number in (2 * turn, 2 * turn + 1):
                database.execute(f"INSERT INTO bare_event VALUES ({mark}, {mark}, {mark})", (need, number, data))
            database.execute("COMMIT")
    seconds = time.perf_counter() - began
    database.close()
    return seconds


def on_postgres() -> list[Row]:
    """Run the same on a throw-away PostgreSQL; no rows, and one sentence, when the machine has none."""
    with tempfile.TemporaryDirectory(prefix="bench-closing-postgres-") as folder:
        target = Path(folder) / "rows.json"
        command = [sys.executable, "ops/postgres.py", "run", "--", sys.executable, "tests/benchmarks/run.py"]
        command += ["--here", "closing", "--target", str(target)]
        environment = {**os.environ, "DATA_DIR": folder}
        connections.close_all()
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            print("The rows on PostgreSQL are left out; its words stand above.", file=sys.stderr)
            return []
        rows = json.loads(target.read_text(encoding="utf-8"))["rows"]
    return [Row(**{name: value for name, value in row.items() if name != "is_met"}) for row in rows]
