"""Play the whole marketplace on this machine: prepare the data folder once, then run every process until Ctrl-C.

Called by `make demo` under .venv's Python. PORT (8000), ALIPAY_PORT (PORT+1), APPROVAL_PORT (PORT+2), HOST (127.0.0.1)
and DATA_DIR (var) may be set in the environment.
"""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 90
STOP_SECONDS = 8
# What a seeded world leaves in the data folder, beside keys and collected files that any world can use.
OF_ONE_WORLD = ("marketplace.sqlite3*", "search.sqlite3*", "media", "alipay_sandbox", "approval_sandbox")
COLORS = (36, 33, 35, 32, 34)


class Stop(BaseException):
    """Somebody told us to stop."""


class Failure(Exception):
    """One sentence that says why the demo cannot run."""


def say(text: str) -> None:
    print(text, flush=True)


def setting(name: str, default: str) -> str:
    """Read a variable; an empty one counts as unset."""
    return os.environ.get(name) or default


def port_setting(name: str, default: int) -> int:
    text = setting(name, str(default))
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Failure(f"{name} must be a number from 1 to 65535, not {text}.")
    return int(text)


@dataclass(frozen=True)
class Plan:
    """Where this demo listens and keeps its data."""

    host: str
    port: int
    alipay_port: int
    approval_port: int
    data_dir: Path

    @classmethod
    def read(cls) -> "Plan":
        port = port_setting("PORT", 8000)
        plan = cls(
            host=setting("HOST", "127.0.0.1"),
            port=port,
            alipay_port=port_setting("ALIPAY_PORT", port + 1),
            approval_port=port_setting("APPROVAL_PORT", port + 2),
            data_dir=(ROOT / setting("DATA_DIR", "var")).resolve(),
        )
        if len({plan.port, plan.alipay_port, plan.approval_port}) < 3:
            raise Failure("PORT, ALIPAY_PORT and APPROVAL_PORT must be three different ports.")
        return plan

    def check_ports(self) -> None:
        """Refuse in one sentence when somebody listens on a port of ours."""
        wanted = {"PORT": self.port, "ALIPAY_PORT": self.alipay_port, "APPROVAL_PORT": self.approval_port}
        for name, port in wanted.items():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((self.host, port))
                except OSError as problem:
                    reason = "is taken" if problem.errno == 98 else f"cannot be opened ({problem.strerror})"
                    raise Failure(
                        f"Port {port} {reason}: choose another with `make demo {name}={self._suggestion(name)}`."
                    ) from problem

    def _suggestion(self, name: str) -> int:
        return self.port + (100 if name == "PORT" else 50)

    def environment(self) -> dict[str, str]:
        base = f"http://127.0.0.1:{self.port}"
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            "DJANGO_SETTINGS_MODULE": "marketplace.settings",
            "DEMO": "1",
            "DB": setting("DB", "sqlite"),
            "DATA_DIR": str(self.data_dir),
            "BASE_URL": setting("BASE_URL", base),
            "ALIPAY_GATEWAY_URL": f"http://127.0.0.1:{self.alipay_port}/gateway.do",
            "APPROVAL_PLATFORM_URL": f"http://127.0.0.1:{self.approval_port}",
        }


def digest(paths: Iterable[Path]) -> str:
    """Hash names and contents, so that an edited, added or removed file counts."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def sources(*patterns: str) -> list[Path]:
    """Find the project's own files: neither what is installed nor what a data folder collects."""
    found = {path.relative_to(ROOT) for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return [ROOT / path for path in found if path.parts[0] not in {".venv", "var"} and "__pycache__" not in path.parts]


class Preparation:
    """The steps before the first request, each left out when its stamp in DATA_DIR still fits."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.environment = plan.environment()
        self.path = plan.data_dir / "demo.json"
        try:
            self.stamps: dict[str, str] = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.stamps = {}
        if self.environment["DB"] == "sqlite" and not (plan.data_dir / "marketplace.sqlite3").exists():
            self.stamps = {}  # somebody removed the database: what was done to it is undone

    def run(self) -> None:
        self.plan.data_dir.mkdir(parents=True, exist_ok=True)
        self._forget_half_a_world()
        packages = [ROOT / "requirements" / "base.txt"]
        self.step(
            "migrate", "database", packages + sources("*/migrations/*.py", "*/*/migrations/*.py"), "migrate", "-v0"
        )
        catalogues = sources("locale/**/*.po")
        if not all(path.with_suffix(".mo").exists() for path in catalogues):
            self.stamps.pop("messages", None)
        self.step("messages", "message catalogues", catalogues, "messages", "--compile")
        if not (self.plan.data_dir / "static").exists():
            self.stamps.pop("static", None)
        files = packages + sources("static/**/*", "*/static/**/*", "*/*/static/**/*")
        self.step("static", "style sheets and scripts", files, "collectstatic", "--noinput", "-v0")
        if "seed" not in self.stamps:
            self.write("seeding", "begun")
            say("Seeding the invented world (once; every record is made by the site's own actions) …")
            self.manage("seed")
            self.stamps.pop("seeding", None)
            self.write("seed", "done")

    def _forget_half_a_world(self) -> None:
        """Remove a database whose seeding was cut off: this script had made it, and it would stay lopsided."""
        if "seeding" not in self.stamps:
            return
        if self.environment["DB"] != "sqlite":
            raise Failure("The last start stopped while seeding: empty the PostgreSQL database, then start again.")
        say("The last start stopped while seeding; beginning anew.")
        for pattern in OF_ONE_WORLD:
            for path in self.plan.data_dir.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.stamps = {}
        self.path.unlink()

    def step(self, name: str, title: str, files: list[Path], *command: str) -> None:
        fresh = digest(files)
        if self.stamps.get(name) == fresh:
            return
        began = time.monotonic()
        say(f"Preparing {title} …")
        self.manage(*command)
        say(f"  done in {time.monotonic() - began:.0f} s")
        self.write(name, fresh)

    def write(self, name: str, value: str) -> None:
        self.stamps[name] = value
        self.path.write_text(json.dumps(self.stamps, indent=1), encoding="utf-8")

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        with subprocess.Popen(command, cwd=ROOT, env=self.environment) as process:
            try:
                code = process.wait()
            except BaseException:
                process.terminate()
                raise
        if code:
            raise Failure(f"`manage.py {' '.join(arguments)}` failed with code {code}; its words stand above.")


class Family:
    """The demo's processes: started together, watched, stopped together."""

    def __init__(self, plan: Plan) -> None:
        self.environment = plan.environment()
        self.members: dict[str, subprocess.Popen[str]] = {}
        self.readers: list[threading.Thread] = []

    def start(self, name: str, *arguments: str) -> None:
        # A session of its own: Ctrl-C reaches this script alone, which then stops everybody in order.
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        prefix = f"{name:<8} | "
        if sys.stdout.isatty():
            prefix = f"\033[{COLORS[len(self.members) % len(COLORS)]}m{prefix}\033[0m"
        self.members[name] = process
        reader = threading.Thread(target=self._relay, args=(process, prefix), daemon=True)
        reader.start()
        self.readers.append(reader)

    @staticmethod
    def _relay(process: "subprocess.Popen[str]", prefix: str) -> None:
        for line in process.stdout or ():
            print(prefix + line.rstrip("\n"), flush=True)

    def check(self) -> None:
        """Raise with the name of a process that ended by itself."""
        for name, process in self.members.items():
            code = process.poll()
            if code is not None:
                time.sleep(0.3)  # let its last lines come through
                raise Failure(f"The process {name} ended with code {code}; stopping everything.")

    def stop(self) -> None:
        """Ask the last started first, wait a little, then insist."""
        for process in reversed(self.members.values()):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.members.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for reader in self.readers:
            reader.join(1)


def start_all(plan: Plan, family: Family) -> None:
    family.start("alipay", "manage.py", "alipay_sandbox", "--port", str(plan.alipay_port))
    family.start("approval", "manage.py", "approval_sandbox", "--port", str(plan.approval_port))
    # Frames are small and many: compressing each costs more than it saves, and a client may not send a large one.
    web = ["-m", "uvicorn", "marketplace.asgi:application", "--host", plan.host, "--port", str(plan.port)]
    web += ["--ws-per-message-deflate", "false", "--ws-max-size", "65536", "--no-access-log"]
    web += ["--log-level", "warning", "--timeout-graceful-shutdown", "3"]
    family.start("web", *web)
    wait_until_ready(plan, family)
    family.start("worker", "manage.py", "worker")
    family.start("robots", "manage.py", "robots")


def wait_until_ready(plan: Plan, family: Family) -> None:
    host = "127.0.0.1" if plan.host == "0.0.0.0" else plan.host  # noqa: S104
    address = f"http://{host}:{plan.port}/healthz"
    deadline = time.monotonic() + READY_SECONDS
    answer = "no answer"
    while time.monotonic() < deadline:
        family.check()
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                if response.status == 200:
                    return
                answer = str(response.status)
        except urllib.error.HTTPError as problem:
            answer = str(problem.code)
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.1)
    raise Failure(f"The web server was not ready after {READY_SECONDS} seconds: {address} gave {answer}.")


def accounts(plan: Plan) -> str:
    """Return the demo accounts; fetched while the servers start, because a second start must be quick."""
    printed = subprocess.run(
        [sys.executable, "manage.py", "demo_accounts"],
        cwd=ROOT,
        env=plan.environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if printed.returncode:
        raise Failure(f"`manage.py demo_accounts` failed: {printed.stderr.strip()[-500:]}")
    return printed.stdout.rstrip()


def told_to_stop(number: int, _frame: object) -> None:
    raise Stop(number)


def play() -> None:
    plan = Plan.read()
    plan.check_ports()
    began = time.monotonic()
    Preparation(plan).run()
    family = Family(plan)
    try:
        listing: list[str | Failure] = []

        def fetch() -> None:
            try:
                listing.append(accounts(plan))
            except Failure as problem:
                listing.append(problem)

        fetcher = threading.Thread(target=fetch, daemon=True)
        fetcher.start()
        start_all(plan, family)
        fetcher.join(30)
        if listing and isinstance(listing[0], Failure):
            raise listing[0]
        say("")
        say(f"Ready after {time.monotonic() - began:.1f} s.")
        say(f"  Marketplace        http://127.0.0.1:{plan.port}/")
        say(f"  Desks (Wagtail)    http://127.0.0.1:{plan.port}/admin/")
        say(f"  Alipay gateway     http://127.0.0.1:{plan.alipay_port}/")
        say(f"  Approval platform  http://127.0.0.1:{plan.approval_port}/")
        say(f"  Data folder        {plan.data_dir}")
        say(str(listing[0]) if listing else "")
        say("Ctrl-C stops everything.\n")
        while True:
            family.check()
            time.sleep(0.5)
    finally:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)  # stopping is under way and takes a few seconds at most
        family.stop()


def main() -> int:
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, told_to_stop)
    try:
        play()
    except Failure as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    except Stop:
        say("\nEverything is stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
