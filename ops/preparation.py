"""What the demo needs before its first request: where it listens, and a data folder that is ready."""

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
# What a seeded world leaves in the data folder, beside keys and collected files that any world can use.
OF_ONE_WORLD = (
    *("marketplace.sqlite3*", "search.sqlite3*", "media"),
    *("alipay_sandbox", "approval_sandbox", "licence_sandbox"),
)


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
    licence_port: int
    identity_port: int
    data_dir: Path

    @classmethod
    def read(cls) -> "Plan":
        port = port_setting("PORT", 8000)
        plan = cls(
            host=setting("HOST", "127.0.0.1"),
            port=port,
            alipay_port=port_setting("ALIPAY_PORT", port + 1),
            approval_port=port_setting("APPROVAL_PORT", port + 2),
            licence_port=port_setting("LICENCE_PORT", port + 3),
            identity_port=port_setting("IDENTITY_PORT", port + 4),
            data_dir=(ROOT / setting("DATA_DIR", "var")).resolve(),
        )
        ports = plan.ports()
        if len(set(ports.values())) < len(ports):
            raise Failure(f"{', '.join(ports)} must be different ports.")
        return plan

    def ports(self) -> dict[str, int]:
        """Return every port of ours by the variable that names it."""
        return {
            "PORT": self.port,
            "ALIPAY_PORT": self.alipay_port,
            "APPROVAL_PORT": self.approval_port,
            "LICENCE_PORT": self.licence_port,
            "IDENTITY_PORT": self.identity_port,
        }

    def check_ports(self) -> None:
        """Refuse in one sentence when somebody listens on a port of ours."""
        for name, port in self.ports().items():
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
            "LICENCE_LIBRARY_URL": f"http://127.0.0.1:{self.licence_port}",
            "IDENTITY_ISSUER": f"http://127.0.0.1:{self.identity_port}",
            "IDENTITY_CLIENT_ID": "marketplace-person",
            "IDENTITY_LEGAL_CLIENT_ID": "marketplace-legal",
        }


def claim(folder: Path) -> IO[str]:
    """Hold the data folder as long as the returned file is open; refuse while another demo holds it.

    The lock is the process's own and goes with it, however it ends: nothing is left behind that somebody must remove.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "demo.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise Failure(
            f"Another demo (process {holder}) runs on {folder}: stop it, or play beside it with "
            "`make demo DATA_DIR=var2 PORT=8100`."
        ) from problem
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


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
        people = sources("marketplace/demo/identities.py", "marketplace/accounts/sandbox/roster.py")
        self.step("identity", "people of the identity provider", people, "identity_people")

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
