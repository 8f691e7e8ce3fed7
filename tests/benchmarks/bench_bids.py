"""Bids on one auction through place_bid, beside a bare loop of SQL on the same engine and disk."""

import json
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from marketplace.core import clock
from tests.benchmarks.rows import Row

NAME = "Bids on one auction"
GOAL = (
    "one auction is one lock, so this is the ceiling of a room; the reference does nothing but UPDATE, INSERT and "
    "COMMIT with the raw driver, and a bid of ours also checks the rights, keeps its key, and writes a numbered, hashed event. "
    "A tenth of the bare loop is the goal. Fifty firms that all bid at once are answered within half a second at 100/s. "
    "Clients are processes on the same cores that bid on the price they saw last; of several who bid at the same moment one is "
    "accepted and the others are told that the price has moved, so accepted bids are fewer than answers. Of three rounds in "
    "turns with the reference each side's best one stands, because a shared machine only ever takes away"
)
CLIENTS = (1, 4)
SECONDS, ROUNDS = 3.0, 3
FIRMS = 2 * max(CLIENTS)
CEILING_FEN = 90_000_000_000
STEP_FEN = 100
ROOT = Path(__file__).resolve().parent.parent.parent
FORK = multiprocessing.get_context("fork")

# A client makes a function that tries once, with the run's number of the try, and tells whether the bid stands.
Attempt = Callable[[int], bool]


def run() -> list[Row]:
    engine = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    rows = []
    for clients in CLIENTS:
        rounds = [(race(clients, our_client(open_room())), race(clients, bare_client())) for _round in range(ROUNDS)]
        ours, bare = (max(side, key=lambda result: result["rate"]) for side in zip(*rounds, strict=True))
        label = f"{engine}, {clients} client{'s' if clients > 1 else ''}"
        rows += [
            Row(
                name=f"Bids answered, {label}",
                ours=ours["rate"],
                reference=bare["rate"],
                unit="/s",
                goal="ratio >= 0.1",
            ),
            *(
                Row(
                    name=f"One bid, {percentile}, {label}",
                    ours=ours[percentile],
                    reference=bare[percentile],
                    unit="ms",
                    goal=goal,
                )
                for percentile, goal in (("p50", "ours <= 20"), ("p99", "ours <= 100"))
            ),
        ]
        if clients > 1:
            name = f"… of them accepted, {label}"
            rows.append(Row(name=name, ours=ours["accepted"], reference=None, unit="/s", goal="ours >= 50"))
    if engine == "SQLite":
        rows += on_postgres()
    return rows


def race(clients: int, client: Callable[[int, Any], Attempt]) -> dict[str, float]:
    """Let `clients` processes bid for SECONDS; return answers and accepted bids a second, and percentiles of one in ms."""
    connections.close_all()
    price = FORK.Value("q", 0)
    gate, answers = FORK.Barrier(clients), FORK.Queue()

    def bidder(number: int) -> None:
        attempt = client(number, price)
        for warm_up in range(5):
            attempt(-1 - warm_up)
        gate.wait()
        times, accepted, began = [], 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            start = time.perf_counter()
            accepted += attempt(len(times))
            times.append(time.perf_counter() - start)
        answers.put((times, accepted, time.perf_counter() - began))

    processes = [FORK.Process(target=bidder, args=(number,)) for number in range(clients)]
    for process in processes:
        process.start()
    results = [answers.get(timeout=SECONDS + 60) for _process in processes]
    for process in processes:
        process.join()
    times = sorted(one for result in results for one in result[0])
    rate = sum(len(result[0]) / result[2] for result in results)
    accepted = sum(result[1] / result[2] for result in results)
    print(f"  {client.__name__}, {clients}: {rate:,.0f}/s, {accepted:,.0f}/s accepted", flush=True)
    return {
        "rate": rate,
        "accepted": accepted,
        "p50": 1000 * times[len(times) // 2],
        "p99": 1000 * times[int(len(times) * 0.99)],
    }


def open_room() -> Any:
    """Make a need with signed-up firms through the actions and open its auction; 25 minutes are left."""
    from marketplace.bidding.actions import open_auction
    from tests.factories.bidding import make_bidder
    from tests.factories.tenders import make_tender

    settings.ASSUME_PLAIN_CALENDAR = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    past = clock.now() - timedelta(minutes=45)
    tender = make_tender(now=past, ceiling_fen=CEILING_FEN, step_fen=STEP_FEN)
    for _number in range(FIRMS):
        make_bidder(tender=tender, now=past)
    return open_auction(auction=tender.auction)


def our_client(auction: Any) -> Callable[[int, Any], Attempt]:
    """Bid as two firms in turn (the leader may not outbid itself) on the newest price that a screen would show."""
    from marketplace.bidding.actions import place_bid
    from marketplace.bidding.models import Auction
    from marketplace.core.refusals import Refused
    from tests.factories.bidding import agent_of

    pairs = [(bidder.organization, agent_of(bidder.organization)) for bidder in auction.tender.bidders.order_by("pk")]

    def ours(number: int, price: Any) -> Attempt:
        mine = pairs[2 * number : 2 * number + 2]
        turn = 0

        def attempt(count: int) -> bool:
            nonlocal turn
            firm, agent = mine[turn]
            amount = (price.value or CEILING_FEN) - STEP_FEN
            try:
                # The room's row is read for each bid, as the views and sockets do.
                room = Auction.objects.get(pk=auction.pk)
                place_bid(auction=room, organization=firm, amount_fen=amount, key=f"{number}-{count}", by=agent)
            except Refused as refused:
                if refused.code != "not_low_enough":  # anything else is a fault of this benchmark
                    raise
                return False
            price.value = amount
            turn = 1 - turn
            return True

        return attempt

    return ours


def bare_client() -> Callable[[int, Any], Attempt]:
    """Do the same to two bare tables with the raw driver: lower the price, insert the bid, commit."""
    return bare_postgres() if connection.vendor == "postgresql" else bare_sqlite()


TABLES = (
    "DROP TABLE IF EXISTS bare_auction",
    "DROP TABLE IF EXISTS bare_bid",
    "CREATE TABLE bare_auction (id integer PRIMARY KEY, best_fen bigint NOT NULL, sequence integer NOT NULL)",
    """CREATE TABLE bare_bid (
         auction integer NOT NULL, sequence integer NOT NULL, bidder integer NOT NULL, key varchar(64) NOT NULL,
         amount_fen bigint NOT NULL, UNIQUE (auction, sequence), UNIQUE (bidder, key))""",
    f"INSERT INTO bare_auction VALUES (1, {CEILING_FEN}, 0)",
)
LOWER = f"UPDATE bare_auction SET best_fen = best_fen - {STEP_FEN}, sequence = sequence + 1 WHERE id = 1 RETURNING sequence, best_fen"


def bare_sqlite() -> Callable[[int, Any], Attempt]:
    path = Path(settings.DATA_DIR) / "bare.sqlite3"

    def connect() -> sqlite3.Connection:
        database = sqlite3.connect(path, isolation_level=None, timeout=20)
        database.executescript(settings.DATABASES["default"]["OPTIONS"]["init_command"])
        return database

    with connect() as database:
        for statement in TABLES:
            database.execute(statement)
    database.close()

    def bare(number: int, _price: Any) -> Attempt:
        database = connect()

        def attempt(count: int) -> bool:
            database.execute("BEGIN IMMEDIATE")
            sequence, amount = database.execute(LOWER).fetchone()
            values = (1, sequence, number, f"{number}-{count}", amount)
            database.execute("INSERT INTO bare_bid VALUES (?, ?, ?, ?, ?)", values)
            database.execute("COMMIT")
            return True

        return attempt

    return bare


def bare_postgres() -> Callable[[int, Any], Attempt]:
    import psycopg

    parameters = connection.get_connection_params()
    address = {name: parameters[name] for name in ("dbname", "user", "host", "port")}
    with psycopg.connect(**address) as database:
        for statement in TABLES:
            database.execute(statement)

    def bare(number: int, _price: Any) -> Attempt:
        database = psycopg.connect(**address)

        def attempt(count: int) -> bool:
            with database.transaction():
                sequence, amount = database.execute(LOWER).fetchone()
                values = (1, sequence, number, f"{number}-{count}", amount)
                database.execute("INSERT INTO bare_bid VALUES (%s, %s, %s, %s, %s)", values)
            return True

        return attempt

    return bare


def on_postgres() -> list[Row]:
    """Run the same on a throw-away PostgreSQL; no rows, and one sentence, when the machine has none."""
    with tempfile.TemporaryDirectory(prefix="bench-bids-postgres-") as folder:
        target = Path(folder) / "rows.json"
        command = [sys.executable, "ops/postgres.py", "run", "--", sys.executable, "tests/benchmarks/run.py"]
        command += ["--here", "bids", "--target", str(target)]
        environment = {**os.environ, "DATA_DIR": folder}
        connections.close_all()
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            print("The rows on PostgreSQL are left out; its words stand above.", file=sys.stderr)
            return []
        rows = json.loads(target.read_text(encoding="utf-8"))["rows"]
    return [Row(**{name: value for name, value in row.items() if name != "is_met"}) for row in rows]
