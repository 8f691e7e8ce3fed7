"""The servers of the live benchmarks: a durable PostgreSQL, Redis, and uvicorn as production starts it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .socket_clients import pin

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "ops"))
import postgres as ops_postgres  # noqa: E402
from redis_server import redis  # noqa: E402
from servers import Unavailable, free_port, is_listening  # noqa: E402

SECONDS = float(os.environ.get("SECONDS") or 0)  # a shorter run for those who try something out
ROUNDS = int(os.environ.get("ROUNDS") or 0)
# Tests do not wait for the disk, these benchmarks do: fsync, synchronous_commit and full_page_writes stay on, as in production.
DURABLE = {"max_connections": "200"}
WEB = ["--ws-per-message-deflate", "false", "--ws-max-size", "65536", "--no-access-log", "--log-level", "warning"]
UNLIMITED = {
    "REALTIME_MAX_SOCKETS_PER_ADDRESS": "100000",
    "REALTIME_MESSAGES_PER_SECOND": "100000",
    "REALTIME_BIDS_PER_SECOND": "100000",
    "REALTIME_BID_BURST": "100000",
}

__all__ = ["ROUNDS", "SECONDS", "Unavailable", "cpu_seconds", "database", "redis", "set_stage", "web"]


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """Give the environment of an empty "postgres", durable, or "sqlite" in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix=f"bench-live-{kind}-") as folder:
        common = {"DATA_DIR": folder, "ASSUME_PLAIN_CALENDAR": "1"}
        if kind == "sqlite":
            yield {**common, "DB": "sqlite"}
            return
        ops_postgres.SETTINGS = DURABLE
        with ops_postgres.postgres() as address:
            yield {**common, **address}


def set_stage(environment: dict[str, str], *, auctions: int = 1, firms: int, bidders: int = 0) -> list[dict[str, Any]]:
    """Open auctions in the environment's database; see stage.py."""
    target = Path(environment["DATA_DIR"]) / "stage.json"
    command = [sys.executable, "-m", "tests.benchmarks.stage", str(target), str(auctions), str(firms)]
    # Preparing does not wait for the disk; the server under measure has a session of its own and does.
    variables = {**os.environ, **environment, "PGOPTIONS": "-c synchronous_commit=off", "LOG_LEVEL": "WARNING"}
    subprocess.run([*command, str(bidders or firms)], cwd=ROOT, env=variables, check=True)
    return json.loads(target.read_text(encoding="utf-8"))


@contextmanager
def web(environment: dict[str, str], *, workers: int = 1, core: int | None = 0) -> Iterator[tuple[int, int]]:
    """Run the marketplace under uvicorn; give its port and its process. `core` None leaves it on all cores."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.benchmarks.live_app:application", "--port", str(port), *WEB]
    if workers > 1:
        command += ["--workers", str(workers)]
    address = f"http://127.0.0.1:{port}"
    variables = {**os.environ, **UNLIMITED, **environment, "BASE_URL": address, "WEBSOCKET_ORIGINS": address}
    server = subprocess.Popen(command, cwd=ROOT, env=variables)
    try:
        deadline = time.monotonic() + 60
        while not is_listening(port):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the benchmark's server did not start")
            time.sleep(0.1)
        if core is not None:
            pin(server.pid, core)
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def cpu_seconds(process: int) -> float:
    """Return the processor time that a process has taken: says what a thing costs also where others keep the cores busy."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
