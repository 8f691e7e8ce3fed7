"""Alipay's notices over HTTP into the books, durable, beside pgbench that writes the same rows."""

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.live_servers import ROOT, ROUNDS, SECONDS, Unavailable, cpu_seconds, database, web
from tests.benchmarks.rows import Row

NAME = "Payment notices, over HTTP"
NEEDS_DATABASE = False
GOAL = (
    "each notice is a payment of its own: signature checked, locked, settled, booked, told to the marketplace and to /v1, kept raw, and "
    "answered `success` after the commit. uvicorn as production starts it with one worker, 16 connections, each sends its next notice "
    "when the former is answered. The reference is pgbench with the same rows as one transaction per payment on the same durable server "
    "(fsync and synchronous_commit on). All payments book on one account of the provider, so that row is a lock for both. "
    "Afterwards the books must hold exactly what was answered. Medians of rounds in turns"
)
LENGTH, TIMES = SECONDS or 6.0, ROUNDS or 3
CONNECTIONS, WARM_UP = 16, 1.0
MOST = 3_000  # notices a second that are prepared for


def prepare(environment: dict[str, str], count: int) -> Path:
    """Let the stage make payments that wait and their notices; return the file of notices, a line of JSON each."""
    target = Path(environment["DATA_DIR"]) / "notices.jsonl"
    variables = {**os.environ, **environment, "PGOPTIONS": "-c synchronous_commit=off", "LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "tests.benchmarks.payment_stage", str(target), str(count)]
    subprocess.run(command, cwd=ROOT, env=variables, check=True)
    return target


class Till:
    """Give out notices and keep how long each answer took within the measured time."""

    def __init__(self, bodies: list[bytes]) -> None:
        self.bodies = iter(bodies)
        self.answered = 0
        self.is_measured = self.is_over = False
        self.times: list[float] = []


async def send(port: int, till: Till) -> None:
    """Send notices over one connection, one after another."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = b"POST /payments/alipay/notify/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
    while not till.is_over:
        body = next(till.bodies, None)
        if body is None:
            raise RuntimeError("more notices a second than were prepared")
        began = time.perf_counter()
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)[1])  # type: ignore[index]
        if b" 200 " not in answer[:15] or await reader.readexactly(length) != b"success":
            raise RuntimeError(f"a notice was answered with {answer!r}")
        till.answered += 1
        if till.is_measured:
            till.times.append(time.perf_counter() - began)
    writer.close()


async def deliver(port: int, process: int, till: Till) -> dict[str, float]:
    """Send over all connections for the measured time; return notices a second, ms to an answer, and CPU ms each."""
    till.is_over, till.times = False, []
    async with asyncio.TaskGroup() as group:
        for _number in range(CONNECTIONS):
            group.create_task(send(port, till))
        await asyncio.sleep(WARM_UP)
        till.is_measured, began, cpu = True, time.perf_counter(), cpu_seconds(process)
        await asyncio.sleep(LENGTH)
        till.is_measured, till.is_over = False, True
        seconds, cpu = time.perf_counter() - began, cpu_seconds(process) - cpu
    times = sorted(till.times)
    return {
        "rate": len(times) / seconds,
        "p50": 1000 * times[len(times) // 2],
        "p99": 1000 * times[int(len(times) * 0.99)],
        "cpu": 1000 * cpu / len(times),
    }


TABLES = """
DROP TABLE IF EXISTS bare_intent, bare_charge, bare_balance, bare_entry, bare_line, bare_notice, bare_told, bare_head;
CREATE TABLE bare_intent (id bigint PRIMARY KEY, status varchar(24) NOT NULL, received bigint NOT NULL, at timestamptz);
CREATE TABLE bare_charge (id bigint PRIMARY KEY, intent bigint NOT NULL, status varchar(12) NOT NULL, trade varchar(64) UNIQUE, at timestamptz);
CREATE TABLE bare_balance (id bigint PRIMARY KEY, amount bigint NOT NULL) WITH (fillfactor = 50);
CREATE TABLE bare_entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key varchar(120) UNIQUE NOT NULL, at timestamptz NOT NULL);
CREATE TABLE bare_line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry bigint NOT NULL, account bigint NOT NULL, amount bigint NOT NULL,
  UNIQUE (entry, account));
CREATE TABLE bare_notice (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, notify varchar(128) UNIQUE NOT NULL, raw bytea NOT NULL);
CREATE TABLE bare_told (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(60) NOT NULL, data jsonb NOT NULL, hash bytea);
CREATE TABLE bare_head (id bigint PRIMARY KEY, number bigint NOT NULL, hash bytea NOT NULL);
INSERT INTO bare_balance VALUES (0, 0);
"""
TRANSACTION = r"""
\set n random(1, 9223372036854775807)
BEGIN;
INSERT INTO bare_intent VALUES ((:n)::bigint, 'requires_action', 0);
INSERT INTO bare_charge VALUES ((:n)::bigint, (:n)::bigint, 'pending');
INSERT INTO bare_head VALUES ((:n)::bigint, 1, '');
COMMIT;
BEGIN;
SELECT * FROM bare_intent WHERE id = (:n)::bigint FOR UPDATE;
SELECT * FROM bare_charge WHERE id = (:n)::bigint FOR UPDATE;
UPDATE bare_charge SET status = 'succeeded', trade = (:n)::bigint::text, at = now() WHERE id = (:n)::bigint;
INSERT INTO bare_balance VALUES ((:n)::bigint, 3200000);
INSERT INTO bare_entry (key, at) VALUES ('charge:' || (:n)::bigint::text, now());
INSERT INTO bare_line (entry, account, amount) VALUES (currval('bare_entry_id_seq'), 0, -3200000), (currval('bare_entry_id_seq'), (:n)::bigint, 3200000);
UPDATE bare_intent SET status = 'succeeded', received = 3200000, at = now() WHERE id = (:n)::bigint;
INSERT INTO bare_told (name, data) VALUES ('charge.succeeded', ('{"object": "' || repeat('x', 1500) || '"}')::jsonb),
  ('payment_intent.succeeded', ('{"object": "' || repeat('x', 1500) || '"}')::jsonb);
INSERT INTO bare_notice (notify, raw) VALUES ((:n)::bigint::text, convert_to(repeat('x', 1200), 'UTF8'));
INSERT INTO bare_told (name, data, hash) VALUES ('payment_intent_succeeded', ('{"object": "' || repeat('x', 300) || '"}')::jsonb, sha256(convert_to((:n)::bigint::text, 'UTF8')));
UPDATE bare_head SET number = number + 1, hash = sha256(hash) WHERE id = (:n)::bigint;
UPDATE bare_balance SET amount = amount - 3200000 WHERE id = 0;
COMMIT;
"""


def pgbench(environment: dict[str, str]) -> float:
    """Return payments a second of as many pgbench clients: the waiting row is made unpaid for, then settled and booked.

    pgbench can't take rows that were made before, so it makes its own; what that takes is measured apart and taken off.
    """
    import postgres
    import psycopg

    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    with psycopg.connect(**{name: environment[one] for name, one in names.items()}, autocommit=True) as link:  # type: ignore[arg-type]
        for name in ("fsync", "synchronous_commit"):
            assert link.execute(f"SHOW {name}").fetchone() == ("on",), (
                f"{name} is off: these figures would be of no use"
            )
        link.execute(TABLES)
    seconds = []
    both = TRANSACTION
    making = TRANSACTION.partition("COMMIT;\n")[0] + "COMMIT;\n"
    for script in (both, making):
        path = Path(environment["DATA_DIR"]) / "notice.sql"
        path.write_text(script, encoding="utf-8")
        command = [str(postgres.binaries() / "pgbench"), "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2"]
        command += [
            "-T",
            str(max(1, round(LENGTH))),
            "-f",
            str(path),
            "-h",
            environment["PGHOST"],
            "-p",
            environment["PGPORT"],
        ]
        command += ["-U", environment["PGUSER"], environment["PGDATABASE"]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        if done.returncode or not found:
            raise RuntimeError(f"pgbench failed: {done.stderr or done.stdout}")
        seconds.append(1 / float(found[1]))
    return 1 / (seconds[0] - seconds[1])


def booked(environment: dict[str, str]) -> tuple[int, int]:
    """Return how many payments succeeded and how many entries the ledger has."""
    import psycopg

    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    statement = "SELECT (SELECT count(*) FROM payments_paymentintent WHERE status = 'succeeded'), (SELECT count(*) FROM payments_entry)"
    with psycopg.connect(**{name: environment[one] for name, one in names.items()}) as link:  # type: ignore[arg-type]
        return link.execute(statement).fetchone()  # type: ignore[return-value]


def run() -> list[Row]:
    try:
        with database("postgres") as environment:
            return measure(environment)
    except Unavailable as problem:
        print(f"  Notices are left out: {problem}", flush=True)
        return []


def measure(environment: dict[str, str]) -> list[Row]:
    count = int(MOST * TIMES * (LENGTH + WARM_UP))
    lines = prepare(environment, count).read_text(encoding="utf-8").splitlines()
    till = Till([json.loads(line).encode() for line in lines])
    ours: list[dict[str, Any]] = []
    bare = []
    with web(environment) as (port, process):
        for _turn in range(TIMES):
            ours.append(asyncio.run(deliver(port, process, till)))
            bare.append(pgbench(environment))
            told = "{rate:,.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms, server {cpu:.2f} ms CPU each".format(**ours[-1])
            print(f"  {told}; reference {bare[-1]:,.0f}/s", flush=True)
    found = booked(environment)
    assert found == (till.answered, till.answered), f"answered {till.answered}, in the books {found}"
    middle = {name: statistics.median(result[name] for result in ours) for name in ours[0]}
    what = f"PostgreSQL, fsync on, {CONNECTIONS} connections"
    return [
        Row(
            name=f"Notices booked, {what}",
            ours=middle["rate"],
            reference=statistics.median(bare),
            unit="/s",
            goal="ratio >= 0.5",
        ),
        Row(name=f"… answered, p99, {what}", ours=middle["p99"], reference=None, unit="ms", goal="ours <= 50"),
    ]
