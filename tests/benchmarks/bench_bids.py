"""Durable bids on one auction over the real WebSocket, beside pgbench with one-statement bids and a bare sqlite3 loop."""

import asyncio
import re
import sqlite3
import statistics
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.benchmarks.live_servers import ROUNDS, SECONDS, Unavailable, cpu_seconds, database, set_stage, web
from tests.benchmarks.rows import Row
from tests.benchmarks.socket_clients import Socket, enter, leave, request_for, until
from tests.benchmarks.socket_clients import run as run_clients
from tests.benchmarks.stage import CEILING_FEN, STEP_FEN

NAME = "Bids on one auction, over the socket"
NEEDS_DATABASE = False
GOAL = (
    "one auction is one lock, so this is the ceiling of a room. Ours is the whole path: uvicorn as production starts it with one "
    "worker, a session per firm, a WebSocket per firm, each firm sends its next bid when its former is answered, and every accepted "
    "bid is told to all of them; counted are bids acknowledged, and the log must hold exactly those. The reference on PostgreSQL is "
    "pgbench with the whole bid as one prepared statement (conditional UPDATE, SHA-256, INSERT with three unique keys), on the same "
    "durable server (fsync and synchronous_commit on); on SQLite a loop of UPDATE, INSERT and COMMIT with the raw driver (WAL, "
    "synchronous FULL). Medians of rounds in turns"
)
LENGTH, TIMES = SECONDS or 6.0, ROUNDS or 3
WARM_UP = 1.0
CONNECTIONS = {"postgres": (16, 64), "sqlite": (16,)}
GOALS = {"postgres": "ratio >= 0.35", "sqlite": "ratio >= 0.25"}
TITLES = {"postgres": "PostgreSQL, fsync on", "sqlite": "SQLite, synchronous FULL"}
CODE = re.compile(rb'"code":"(\w+)"')


class Race:
    """Share the price among bidders and keep what they were answered within the measured time."""

    def __init__(self) -> None:
        self.amount_fen = CEILING_FEN
        self.accepted = 0  # of all time, to compare with the log
        self.is_measured = self.is_over = False
        self.times: list[float] = []
        self.refused: Counter[str] = Counter()

    def start(self) -> None:
        self.is_measured, self.is_over, self.times, self.refused = False, False, [], Counter()


class Bidder(Socket):
    """Bid one step below the last bid that anybody sent, whenever the former bid is answered."""

    def __init__(self, request: bytes, race: Race, name: str) -> None:
        super().__init__(request)
        self.race, self.name = race, name
        self.count, self.began, self.waits = 0, 0.0, False

    def bid(self) -> None:
        self.race.amount_fen -= STEP_FEN
        self.count += 1
        text = f'{{"bid":{{"key":"{self.name}-{self.count}","amount_fen":{self.race.amount_fen}}}}}'
        self.began, self.waits = time.perf_counter(), True
        self.say(text.encode())

    def heard(self, message: bytes) -> None:
        is_accepted = b'"ack":' in message
        if not is_accepted and b'"refused":' not in message:
            return
        race, self.waits = self.race, False
        race.accepted += is_accepted
        if race.is_measured:
            race.times.append(time.perf_counter() - self.began)
            if not is_accepted:
                race.refused[CODE.search(message)[1].decode()] += 1  # type: ignore[index]
        if not race.is_over:
            self.bid()


async def bid_for_a_while(
    race: Race, server: tuple[int, int], auction: dict[str, Any], connections: int, name: str
) -> dict[str, Any]:
    """Let each of `connections` firms bid over its socket; return bids a second and how long answers took in ms."""
    port, process = server
    path = f"/ws/auctions/{auction['number']}/"
    makers = [
        lambda place=place, person=person: Bidder(request_for(port, path, person["session"]), race, f"{name}-{place}")
        for place, person in enumerate(auction["bidders"][:connections])
    ]
    bidders = await enter(port, makers)
    race.start()
    for bidder in bidders:
        bidder.bid()
    await asyncio.sleep(WARM_UP)
    race.is_measured, began, cpu = True, time.perf_counter(), cpu_seconds(process)
    await asyncio.sleep(LENGTH)
    race.is_measured, race.is_over = False, True
    seconds, cpu = time.perf_counter() - began, cpu_seconds(process) - cpu
    await until(lambda: not any(bidder.waits for bidder in bidders), 30, "answers to the last bids")
    if lost := [bidder.close_code for bidder in bidders if not bidder.is_open]:
        raise RuntimeError(f"the server closed sockets: {Counter(lost)}")
    await leave(port, bidders)
    times, refused = sorted(race.times), race.refused.total()
    return {
        "rate": (len(times) - refused) / seconds,
        "refused": 100 * refused / len(times),
        "p50": 1000 * times[len(times) // 2],
        "p99": 1000 * times[int(len(times) * 0.99)],
        "codes": dict(race.refused),
        "cpu": 1000 * cpu / len(times),
    }


TABLES = f"""
DROP TABLE IF EXISTS bare_bid; DROP TABLE IF EXISTS bare_auction;
CREATE TABLE bare_auction (id integer PRIMARY KEY, status varchar(16) NOT NULL, best_fen bigint NOT NULL, step_fen bigint NOT NULL,
  sequence integer NOT NULL, leader integer, ends_at timestamptz NOT NULL, head bytea NOT NULL) WITH (fillfactor = 50);
CREATE TABLE bare_bid (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, auction integer NOT NULL, sequence integer NOT NULL,
  bidder integer NOT NULL, key varchar(64) NOT NULL, amount_fen bigint NOT NULL, at timestamptz NOT NULL, hash bytea NOT NULL,
  UNIQUE (auction, sequence), UNIQUE (bidder, key));
INSERT INTO bare_auction VALUES (1, 'open', {CEILING_FEN}, {STEP_FEN}, 0, NULL, now() + interval '1 day', '');
"""
STATEMENT = r"""
\set key random(1, 9223372036854775807)
WITH accepted AS (
  UPDATE bare_auction SET best_fen = best_fen - step_fen, sequence = sequence + 1, leader = (:client_id)::int,
    head = sha256(head || convert_to(concat_ws(',', sequence + 1, (:client_id)::int, (:key)::bigint, best_fen - step_fen), 'UTF8'))
  WHERE id = 1 AND status = 'open' AND clock_timestamp() < ends_at AND best_fen > step_fen
  RETURNING sequence, best_fen, head)
INSERT INTO bare_bid (auction, sequence, bidder, key, amount_fen, at, hash)
  SELECT 1, sequence, (:client_id)::int, (:key)::bigint::text, best_fen, clock_timestamp(), head FROM accepted;
"""


def address(environment: dict[str, str]) -> dict[str, str]:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    return {name: environment[variable] for name, variable in names.items()}


def pgbench(environment: dict[str, str], connections: int) -> float:
    """Return the bids a second of as many pgbench clients; all of them are accepted."""
    import postgres
    import psycopg

    with psycopg.connect(**address(environment), autocommit=True) as link:
        for name in ("fsync", "synchronous_commit"):
            assert link.execute(f"SHOW {name}").fetchone() == ("on",), (
                f"{name} is off: these figures would be of no use"
            )
        link.execute(TABLES)
    script = Path(environment["DATA_DIR"]) / "bid.sql"
    script.write_text(STATEMENT, encoding="utf-8")
    command = [str(postgres.binaries() / "pgbench"), "-n", "-M", "prepared", "-c", str(connections), "-j", "2"]
    command += ["-T", str(max(1, round(LENGTH))), "-f", str(script)]
    command += [
        "-h",
        environment["PGHOST"],
        "-p",
        environment["PGPORT"],
        "-U",
        environment["PGUSER"],
        environment["PGDATABASE"],
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or not found:
        raise RuntimeError(f"pgbench failed: {done.stderr or done.stdout}")
    return float(found[1])


def bare_sqlite(environment: dict[str, str], _connections: int) -> float:
    """Return the bids a second of one loop with the raw driver in the same folder."""
    path = Path(environment["DATA_DIR"]) / "bare.sqlite3"
    path.unlink(missing_ok=True)
    link = sqlite3.connect(path, isolation_level=None)
    link.executescript(
        f"""PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
        CREATE TABLE bare_auction (id integer PRIMARY KEY, best_fen bigint NOT NULL, sequence integer NOT NULL);
        CREATE TABLE bare_bid (auction integer NOT NULL, sequence integer NOT NULL, bidder integer NOT NULL,
          key varchar(64) NOT NULL, amount_fen bigint NOT NULL, UNIQUE (auction, sequence), UNIQUE (bidder, key));
        INSERT INTO bare_auction VALUES (1, {CEILING_FEN}, 0);"""
    )
    lower = f"UPDATE bare_auction SET best_fen = best_fen - {STEP_FEN}, sequence = sequence + 1 WHERE id = 1 RETURNING sequence, best_fen"
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < LENGTH:
        link.execute("BEGIN IMMEDIATE")
        sequence, amount = link.execute(lower).fetchone()
        link.execute("INSERT INTO bare_bid VALUES (1, ?, ?, ?, ?)", (sequence, count % 16, f"key-{count}", amount))
        link.execute("COMMIT")
        count += 1
    rate = count / (time.perf_counter() - began)
    link.close()
    return rate


def bids_in_the_log(environment: dict[str, str]) -> tuple[int, int]:
    """Return how many bids the log has, and the last sequence number."""
    statement = "SELECT count(*), max(sequence) FROM bidding_bid"
    if environment["DB"] == "sqlite":
        with sqlite3.connect(Path(environment["DATA_DIR"]) / "marketplace.sqlite3") as link:
            return link.execute(statement).fetchone()
    import psycopg

    with psycopg.connect(**address(environment)) as link:
        return link.execute(statement).fetchone()  # type: ignore[return-value]


def measure(kind: str) -> list[Row]:
    rows = []
    with database(kind) as environment:
        auction = set_stage(environment, firms=max(CONNECTIONS[kind]))[0]
        with web(environment) as server:
            race = Race()
            for connections in CONNECTIONS[kind]:
                ours, bare = [], []
                for turn in range(TIMES):
                    ours.append(
                        run_clients(bid_for_a_while(race, server, auction, connections, f"{connections}-{turn}"))
                    )
                    bare.append((pgbench if kind == "postgres" else bare_sqlite)(environment, connections))
                    print(f"  {kind}, {connections}: {describe(ours[-1])}; reference {bare[-1]:,.0f}/s", flush=True)
                rows += rows_of(kind, connections, ours, bare)
        found = bids_in_the_log(environment)
        assert found == (race.accepted, race.accepted), f"acknowledged {race.accepted}, in the log {found}"
    return rows


def describe(result: dict[str, Any]) -> str:
    words = ", ".join(f"{code} {count}" for code, count in result["codes"].items())
    told = "{rate:,.0f}/s accepted, p50 {p50:.1f} ms, p99 {p99:.1f} ms, server {cpu:.2f} ms CPU each, refused {refused:.1f} %"
    return told.format(**result) + f" ({words})"


def rows_of(kind: str, connections: int, ours: list[dict[str, Any]], bare: list[float]) -> list[Row]:
    middle = {name: statistics.median(result[name] for result in ours) for name in ("rate", "refused", "p50", "p99")}
    label = f"{TITLES[kind]}, {connections} connections"
    limit = 40 if connections == 16 else 160  # four times as many wait for one lock
    return [
        Row(
            name=f"Bids accepted over the socket, {label}",
            ours=middle["rate"],
            reference=statistics.median(bare),
            unit="/s",
            goal=GOALS[kind],
        ),
        Row(name=f"… answered, p50, {label}", ours=middle["p50"], reference=None, unit="ms", goal=f"ours <= {limit}"),
        Row(name=f"… answered, p99, {label}", ours=middle["p99"], reference=None, unit="ms", goal=f"ours <= {limit}"),
        Row(name=f"… refused, {label}", ours=middle["refused"], reference=None, unit="%", goal="ours <= 50"),
    ]


def run() -> list[Row]:
    import os

    rows = []
    for kind in os.environ.get("ENGINES", "postgres sqlite").split():
        try:
            rows += measure(kind)
        except Unavailable as problem:
            print(f"  {TITLES[kind]} is left out: {problem}", flush=True)
    return rows
