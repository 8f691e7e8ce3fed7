"""A real Chromium and a real server for the tests that play the story as people do.

The server is a process of its own (uvicorn, its own database), because windows speak to it over WebSockets. Each test
file gets a fresh one, copied from a database that is migrated once per run.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from servers import free_port

from tests.conftest import CHROMIUM, ROOT, WITHOUT_CHROMIUM
from tests.databases import SQLITE, drop_database, migrated_postgres, migrated_sqlite, new_database
from tests.once import made_once

QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--disable-gpu",
    "--disable-sync",
    "--font-render-hinting=none",
    "--hide-scrollbars",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
)
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
READY_SECONDS = 60


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give one Chromium per test file.

    Not per session: while playwright runs, its event loop occupies the thread, and an asyncio test that xdist hands
    to the same worker afterwards could not start one.
    """
    if CHROMIUM is None:
        pytest.skip(WITHOUT_CHROMIUM)
    flags = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else list(QUIET)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser, demo_server: "Server") -> Iterator[Callable[..., Page]]:
    """Open a window of a new person, with cookies of its own: new_page(phone=True, javascript=False, locale="en").

    Relative addresses lead to the server. A script error or a refused resource fails the test.
    """
    complaints: list[str] = []
    with ExitStack() as stack:

        def open_window(*, phone: bool = False, javascript: bool = True, locale: str = "zh-CN", **options) -> Page:
            context = chromium.new_context(
                base_url=demo_server.url,
                viewport=PHONE if phone else DESK,
                locale=locale,
                timezone_id="Asia/Shanghai",
                java_script_enabled=javascript,
                reduced_motion="reduce",
                **options,
            )
            stack.callback(context.close)
            context.set_default_timeout(10_000)
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
            page.on("console", lambda message: note(page, message))
            return page

        def note(page: Page, message) -> None:
            if message.type == "error" and "Content Security Policy" in message.text:
                complaints.append(f"{page.url}: {message.text}")

        yield open_window
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def picture() -> Callable[..., Path | None]:
    """Take a picture for README and docs when SCREENSHOTS names a folder: picture(page, "auction", full=True)."""
    folder = os.environ.get("SCREENSHOTS")

    def take(page: Page, name: str, *, full: bool = False) -> Path | None:
        if not folder:
            return None
        assert re.fullmatch(r"[a-z0-9-]+", name), name
        path = ROOT / folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, full_page=full, animations="disabled")
        return path

    return take


@dataclass
class Server:
    """A running marketplace: its address, its neighbours' addresses, and commands on its database."""

    url: str
    alipay_url: str
    approval_url: str
    licence_url: str
    data_dir: Path
    environment: dict[str, str] = field(repr=False)
    processes: dict[str, subprocess.Popen] = field(default_factory=dict, repr=False)

    def manage(self, *arguments: str, code: str | None = None) -> str:
        """Run a management command on this server's database and return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, input=code, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def python(self, code: str):
        """Run Python lines against this server's database; what they assign to `answer` comes back through JSON."""
        body = "answer = None\n" + code + "\nimport json\nprint('\\n@@' + json.dumps(answer, ensure_ascii=False))\n"
        return json.loads(self.manage("shell", "-v0", "-c", body).rpartition("\n@@")[2])

    def start(self, name: str, *arguments: str) -> None:
        """Start a process of the project beside the server, such as start("worker", "manage.py", "worker")."""
        with (self.data_dir / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        process = self.processes.pop(name)
        if process.poll() is None:
            process.send_signal(number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def start_web(self) -> None:
        """Start the web server, also again after stop("web"), and return when it is ready."""
        port = self.url.rpartition(":")[2]
        web = ["-m", "uvicorn", "marketplace.asgi:application", "--host", "127.0.0.1", "--port", port]
        web += ["--ws-per-message-deflate", "false", "--ws-max-size", "65536", "--log-level", "warning"]
        self.start("web", *web, "--timeout-graceful-shutdown", "2")
        self.wait_for(f"{self.url}/healthz", "web")

    def start_neighbours(self) -> None:
        """Start worker, local Alipay gateway, approval platform and licence library."""
        self.start("worker", "manage.py", "worker")
        self.start("alipay", "manage.py", "alipay_sandbox", "--port", self.alipay_url.rpartition(":")[2])
        self.start("approval", "manage.py", "approval_sandbox", "--port", self.approval_url.rpartition(":")[2])
        self.start("licence", "manage.py", "licence_sandbox", "--port", self.licence_url.rpartition(":")[2])
        self.wait_for(self.alipay_url + "/", "alipay")
        self.wait_for(self.approval_url + "/", "approval")
        self.wait_for(self.licence_url + "/", "licence")

    def wait_for(self, address: str, name: str) -> None:
        """Return when something speaks HTTP there; for /healthz only 200 counts."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            assert self.processes[name].poll() is None, f"{name} ended:\n{self.log(name)}"
            try:
                with urllib.request.urlopen(address, timeout=5):
                    return
            except urllib.error.HTTPError:
                if not address.endswith("/healthz"):
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{address} gave no answer in {READY_SECONDS} s:\n{self.log(name)}")

    def log(self, name: str) -> str:
        return (self.data_dir / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-4000:]


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Collect static files once for all workers; return their folder."""

    def make(folder: Path) -> None:
        server_in(folder, {"DB": "sqlite"}).manage("collectstatic", "--noinput", "-v0")

    return made_once(tmp_path_factory, "collected", make) / "static"


def server_in(folder: Path, extra: dict[str, str]) -> Server:
    port, alipay, approval, licence = (free_port() for _neighbour in range(4))
    url = f"http://127.0.0.1:{port}"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))},
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
        "DEMO": "1",
        "WORKING_DAY_SECONDS": "4",
        "DATA_DIR": str(folder),
        "BASE_URL": url,
        "ALIPAY_GATEWAY_URL": f"http://127.0.0.1:{alipay}/gateway.do",
        "APPROVAL_PLATFORM_URL": f"http://127.0.0.1:{approval}",
        "LICENCE_LIBRARY_URL": f"http://127.0.0.1:{licence}",
        **extra,
    }
    neighbours = [f"http://127.0.0.1:{number}" for number in (alipay, approval, licence)]
    return Server(url, *neighbours, folder, environment)


@contextmanager
def own_database(folder: Path, request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> Iterator[dict]:
    """Copy a migrated database for one server; one on PostgreSQL is dropped at the end."""
    if os.environ.get("DB") != "postgres":
        shutil.copyfile(migrated_sqlite(request.config.cache), folder / SQLITE)
        yield {"DB": "sqlite"}
        return
    name = new_database(template=migrated_postgres(factory))
    yield {"DB": "postgres", "PGDATABASE": name}
    drop_database(name)


@pytest.fixture(scope="module")
def demo_server(
    static_files: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Give a marketplace that nobody has used yet, served by real uvicorn; neighbours start on demand."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(static_files, folder / "static")
    with ExitStack() as stack:
        server = server_in(folder, stack.enter_context(own_database(folder, request, tmp_path_factory)))

        def stop_all() -> None:
            for name in list(server.processes):
                server.stop(name)

        stack.callback(stop_all)
        server.start_web()
        yield server
