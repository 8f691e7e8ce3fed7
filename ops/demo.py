"""Play the whole marketplace on this machine: prepare the data folder once, then run every process until Ctrl-C.

Called by `make demo` under .venv's Python. PORT (8000), ALIPAY_PORT (PORT+1), APPROVAL_PORT (PORT+2), LICENCE_PORT (PORT+3),
IDENTITY_PORT (PORT+4), HOST (127.0.0.1) and DATA_DIR (var) may be set in the environment.
"""

import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

from preparation import ROOT, Failure, Plan, Preparation, claim, say

READY_SECONDS = 90
STOP_SECONDS = 8
COLORS = (36, 33, 35, 32, 34)


class Stop(BaseException):
    """Somebody told us to stop."""


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
    family.start("licence", "manage.py", "licence_sandbox", "--port", str(plan.licence_port))
    family.start("identity", "manage.py", "identity_sandbox", "--port", str(plan.identity_port))
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
    with claim(plan.data_dir):
        plan.check_ports()
        play_on(plan)


def play_on(plan: Plan) -> None:
    """Prepare the folder, which is ours now, run every process on it, and stop them all at the end."""
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
        say(f"  Licence library    http://127.0.0.1:{plan.licence_port}/")
        say(f"  Unified identity   http://127.0.0.1:{plan.identity_port}/")
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
