"""Run every check that needs no server, two at a time, and print each one's name and time: `make check`."""

import os
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
MANAGE = (str(BIN / "python"), "manage.py")


@dataclass(frozen=True)
class Check:
    """A command with a name for people, and the files without which it has nothing to look at."""

    name: str
    command: tuple[str, ...]
    needs: str = "pyproject.toml"

    def has_work(self) -> bool:
        return next(ROOT.glob(self.needs), None) is not None


# The slow ones first, so that two cores end about together.
CHECKS = (
    Check("types (mypy)", (str(BIN / "mypy"),), "marketplace/**/*.py"),
    Check("imports (import-linter)", (str(BIN / "lint-imports"),), "marketplace/**/*.py"),
    Check("templates (djlint)", (str(BIN / "djlint"), "templates", "--lint", "--quiet"), "templates/**/*.html"),
    Check("migrations", (*MANAGE, "makemigrations", "--check", "--dry-run"), "manage.py"),
    Check("states in the docs", (*MANAGE, "states", "--check"), "docs/states.md"),
    Check("messages", (*MANAGE, "messages", "--check"), "manage.py"),
    Check("Django's checks", (*MANAGE, "check", "--fail-level", "WARNING"), "manage.py"),
    Check("style (ruff)", (str(BIN / "ruff"), "check", "."), "**/*.py"),
    Check("format (ruff)", (str(BIN / "ruff"), "format", "--check", "."), "**/*.py"),
)


def run(check: Check) -> tuple[int, str, float]:
    """Return exit code, output and seconds."""
    began = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1", "DB": "sqlite"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout.rstrip(), time.monotonic() - began


def main() -> int:
    wanted = sys.argv[1:]
    failed = []
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=2) as pool:
        running: dict[Future[tuple[int, str, float]], Check] = {}
        for check in CHECKS:
            if wanted and not any(word in check.name for word in wanted):
                continue
            if check.has_work():
                running[pool.submit(run, check)] = check
            else:
                print(f"-     {check.name}: nothing to look at yet", flush=True)
        for future in as_completed(running):
            check = running[future]
            code, output, seconds = future.result()
            print(f"{'ok   ' if code == 0 else 'FAIL '} {check.name} ({seconds:.1f} s)", flush=True)
            if code:
                failed.append(check.name)
                print(output + "\n", flush=True)
    total = time.monotonic() - began
    if failed:
        print(f"Checks failed after {total:.0f} s: {', '.join(failed)}.", file=sys.stderr)
        return 1
    print(f"All checks passed in {total:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
