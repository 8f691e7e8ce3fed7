"""A marketplace on real servers that can be broken piece by piece: PostgreSQL, Redis, and uvicorn workers one by one.

Each worker is a process of its own on a port of its own, so that one alone can be killed, stopped, or given another
clock. PostgreSQL answers a commit only when it is written (unlike ops/postgres.py, which waits for nothing), because
what was acknowledged has to survive a crash of the server here.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from postgres import SETTINGS, binaries
from psycopg.rows import dict_row
from servers import Unavailable, free_port, identity, is_listening, scratch, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
ORIGIN = "http://market.invalid"
DURABLE = {**SETTINGS, "synchronous_commit": "on", "autovacuum": "off"}
FAKETIME = "libfaketimeMT.so.1"  # the one for processes with threads
# Shift what time it is and nothing else: without these libfaketime holds waiting threads up for seconds.
ONLY_THE_DATE = {
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    "FAKETIME_DISABLE_SHM": "1",
    "NO_FAKE_STAT": "1",
}


@dataclass
class Service:
    """Be a server process that may be ended and begun again at the same address."""

    name: str
    command: list[str]
    port: int
    folder: Path
    who: dict[str, object] = field(default_factory=dict)
    environment: dict[str, str] | None = None
    process: subprocess.Popen | None = None

    def start(self, seconds: float = 60) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT if self.environment else self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self.who,
            )  # fmt: skip
        wait_for(self.process, self.port, folder=self.folder, name=self.name, seconds=seconds)

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process by a signal and wait until it is gone; SIGKILL follows when it lingers."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


class Worker(Service):
    """Be one uvicorn process of the marketplace."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def socket(self, number: str) -> str:
        """Return the address of a room on this worker."""
        return f"ws://127.0.0.1:{self.port}/ws/auctions/{number}/"

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send(signal.SIGCONT)


@dataclass
class Market:
    """Hold the servers of one marketplace."""

    postgres: Service
    redis: Service
    environment: dict[str, str]
    folder: Path
    stack: ExitStack
    workers: list[Worker] = field(default_factory=list)

    def worker(self, clock: str = "") -> Worker:
        """Start one more worker and return it; `clock` such as "+3s" gives it another time than everybody else's."""
        port = free_port()
        folder = self.folder / f"worker-{port}"
        folder.mkdir()
        command = [sys.executable, "-m", "uvicorn", "marketplace.asgi:application", "--host", "127.0.0.1"]
        command += ["--port", str(port), "--ws-per-message-deflate", "false", "--ws-max-size", "65536"]
        command += ["--log-level", "warning", "--timeout-graceful-shutdown", "2"]
        environment = dict(self.environment)
        if clock:
            environment |= {"LD_PRELOAD": str(faketime()), "FAKETIME": clock, **ONLY_THE_DATE}
        worker = Worker(f"worker {port}", command, port, folder, environment=environment)
        self.stack.callback(worker.stop, signal.SIGKILL)
        worker.start()
        self.workers.append(worker)
        return worker

    @property
    def address(self) -> dict[str, Any]:
        """Give what psycopg needs to reach the database."""
        name = self.environment["PGDATABASE"]
        return {"host": "127.0.0.1", "port": self.postgres.port, "user": "postgres", "dbname": name}

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Ask the database past the marketplace."""
        with psycopg.connect(**self.address, row_factory=dict_row, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def configure(self, name: str, value: str | None) -> None:
        """Set or reset a setting of the running PostgreSQL."""
        with psycopg.connect(**self.address, autocommit=True) as connection:
            connection.execute(
                f"ALTER SYSTEM {f'SET {name} = {chr(39)}{value}{chr(39)}' if value else f'RESET {name}'}"
            )
            connection.execute("SELECT pg_reload_conf()")

    def restart_postgres(self, number: signal.Signals) -> None:
        """End PostgreSQL (SIGINT in order, SIGQUIT as if it had crashed) and start it again on the same data."""
        self.postgres.stop(number)
        self.postgres.start()

    def python(self, module: str, *arguments: str) -> Any:
        """Run a module of the tests inside this marketplace and return the JSON of its last line."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, env=self.environment,
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{module}:\n{done.stdout[-1000:]}\n{done.stderr[-4000:]}"
        return json.loads(done.stdout.rstrip().rpartition("\n")[2])


def faketime() -> Path:
    """Return the library that gives a process another clock."""
    for folder in ("/usr/lib", "/usr/local/lib"):
        for path in Path(folder).glob(f"**/faketime/{FAKETIME}"):
            return path
    raise Unavailable("no libfaketime on this machine. On Debian: apt-get install libfaketime")


def redis_command(port: int) -> list[str]:
    return ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]


def postgres_in(folder: Path, who: dict[str, object]) -> Service:
    """Return a server, not started, for the cluster in `folder`."""
    port = free_port()
    command = [str(binaries() / "postgres"), "-D", str(folder / "cluster"), "-p", str(port), "-h", "127.0.0.1"]
    command += ["-k", str(folder)]
    for name, value in DURABLE.items():
        command += ["-c", f"{name}={value}"]
    return Service("PostgreSQL", command, port, folder, who)


def environment_for(postgres: Service, redis_port: int, folder: Path) -> dict[str, str]:
    """Return the environment of every process of a marketplace."""
    kept = ("PYTEST_", "COV_", "PG", "DJANGO_", "FAKETIME", "LD_PRELOAD")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(kept)},
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'ops'}",
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "DB": "postgres",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(postgres.port),
        "PGUSER": "postgres",
        "PGDATABASE": "postgres",
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "DATA_DIR": str(folder),
        "SECRET_KEY": "the same for all workers",
        "ASSUME_PLAIN_CALENDAR": "1",
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
        "WEBSOCKET_ORIGINS": ORIGIN,
        "LOG_LEVEL": "WARNING",
        # One machine plays everybody here: what a single address and connection may do is tested elsewhere.
        "REALTIME_MAX_SOCKETS_PER_ADDRESS": "10000",
        "REALTIME_MESSAGES_PER_SECOND": "1000",
        "REALTIME_BIDS_PER_SECOND": "1000",
        "REALTIME_BID_BURST": "1000",
    }


def make_cluster(target: Path) -> None:
    """Put into `target` a PostgreSQL cluster with the marketplace's tables; what every market starts from."""
    who = identity("postgres")
    with scratch("marketplace-faults-", who) as folder, ExitStack() as stack:
        made = subprocess.run(
            [binaries() / "initdb", "-D", folder / "cluster", "-U", "postgres", "--auth=trust", "--encoding=UTF8",
             "--locale=C.UTF-8", "--no-sync"],
            cwd=folder, capture_output=True, text=True, check=False, **who,
        )  # fmt: skip
        if made.returncode:
            raise Unavailable(f"initdb failed: {made.stderr.strip()}")
        server = postgres_in(folder, who)
        stack.callback(server.stop, signal.SIGINT)
        server.start()
        environment = environment_for(server, 0, target.parent) | {"REDIS_URL": ""}
        migrate = [sys.executable, "manage.py", "migrate", "-v0"]
        done = subprocess.run(migrate, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
        server.stop(signal.SIGINT)
        subprocess.run(["cp", "-a", str(folder / "cluster"), str(target)], check=True)


@contextmanager
def market(template: Path, folder: Path) -> Iterator[Market]:
    """Give a marketplace without workers on a copy of the template cluster; everything is gone at the end."""
    postgres_who, redis_who = identity("postgres"), identity("redis")
    with ExitStack() as stack:
        postgres_folder = stack.enter_context(scratch("marketplace-postgres-", postgres_who))
        redis_folder = stack.enter_context(scratch("marketplace-redis-", redis_who))
        subprocess.run(["cp", "-a", str(template), str(postgres_folder / "cluster")], check=True)
        server = postgres_in(postgres_folder, postgres_who)
        port = free_port()
        redis = Service("Redis", redis_command(port), port, redis_folder, redis_who)
        for service, number in ((server, signal.SIGQUIT), (redis, signal.SIGTERM)):
            stack.callback(service.stop, number)
            service.start()
        yield Market(server, redis, environment_for(server, port, folder), folder, stack)


def wait_until(condition: Any, seconds: float, what: str) -> None:
    """Return when `condition()` is true; fail with `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            if condition():
                return
        time.sleep(0.02)
    raise AssertionError(f"Not within {seconds} s: {what}")


__all__ = ["ORIGIN", "Market", "Service", "Unavailable", "Worker", "faketime", "is_listening", "make_cluster", "market"]
