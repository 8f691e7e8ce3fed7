"""Throw-away servers for tests: a free port, a temporary folder, a child process, and its orderly end."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Unavailable(Exception):
    """Say in one sentence what the machine lacks."""


def free_port() -> int:
    """Return a port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def identity(preferred: str) -> dict[str, object]:
    """Return Popen's arguments for a user without rights when we are root, else none."""
    if os.geteuid() != 0:
        return {}
    for name in (preferred, "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Unavailable(f"This server does not run as root, and the machine has neither user {preferred} nor nobody.")


@contextmanager
def scratch(prefix: str, who: dict[str, object]) -> Iterator[Path]:
    """Give a temporary folder that belongs to the server's user, and remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    if who:
        os.chown(folder, int(str(who["user"])), int(str(who["group"])))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def child(
    command: list[str], *, folder: Path, who: dict[str, object], end: signal.Signals
) -> Iterator[subprocess.Popen]:
    """Run a server with its log in the folder; end it with the given signal, and with SIGKILL if it lingers."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **who
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(end)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(process: subprocess.Popen, port: int, *, folder: Path, name: str, seconds: float = 30) -> None:
    """Return when the port answers; raise Unavailable with the log's end when the server died or stays silent."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if is_listening(port):
            return
        time.sleep(0.05)
    tail = (folder / "log").read_text(encoding="utf-8", errors="replace")[-800:].strip()
    raise Unavailable(f"{name} did not start on port {port}: {tail}")


def main(name: str, server: object, usage: str) -> None:
    """Run `<script> run -- command…` beside the server and exit with the command's code."""
    arguments = sys.argv[1:]
    if arguments[:2] != ["run", "--"] or not arguments[2:]:
        sys.exit(f"Usage: {usage}")

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    try:
        with server() as environment:  # type: ignore[operator]
            code = run(arguments[2:], {**os.environ, **environment})
    except Unavailable as problem:
        sys.exit(f"{name}: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(code)


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command to its end; take it along when we are told to stop."""
    with subprocess.Popen(command, env=environment) as process:
        try:
            return process.wait()
        except BaseException:
            if process.poll() is None:
                process.terminate()
            raise
