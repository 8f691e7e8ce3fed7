"""Run the benchmarks: `make bench`, `make bench ONLY=name`, `make bench WRITE=yes` to renew docs/performance.md.

A benchmark is a file tests/benchmarks/bench_<name>.py with NAME (a line for people), GOAL (why this goal) and
`def run() -> list[Row]`. Each runs in a process of its own, with an empty migrated database in a folder of its own
(NEEDS_DATABASE = False leaves it out), so none slows another and none touches the demo's data.
"""

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
RESULTS = ROOT / "var" / "bench.json"
REPORT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
HEADINGS = ("What", "Ours", "Reference", "Ratio", "Goal", "")


def names(only: str | None) -> list[str]:
    found = sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))
    if only and only not in found:
        sys.exit(f"There is no benchmark {only}; there are: {', '.join(found) or 'none yet'}.")
    return [only] if only else found


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", FOLDER / f"bench_{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_here(name: str, target: Path) -> None:
    """Run one benchmark in this process and write its rows."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    module = load(name)
    if getattr(module, "NEEDS_DATABASE", True):
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
    rows = [row.as_json() for row in module.run()]
    result = {"title": module.NAME, "why": module.GOAL, "at": datetime.now(UTC).isoformat("T", "seconds"), "rows": rows}
    target.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


def run_apart(name: str) -> dict[str, Any] | None:
    """Run one benchmark in its own process and folder; return its result, or None when it broke."""
    with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as folder:
        target = Path(folder) / "rows.json"
        environment = {**os.environ, "DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "marketplace.settings"}
        environment = {"LOG_LEVEL": "WARNING", **environment, "PYTHONUTF8": "1"}
        command = [sys.executable, __file__, "--here", name, "--target", str(target)]
        if subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode or not target.exists():
            return None
        return json.loads(target.read_text(encoding="utf-8"))


def machine() -> str:
    """Describe the machine without naming it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    database = "PostgreSQL" if os.environ.get("DB") == "postgres" else "SQLite"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Linux, Python {platform.python_version()}, {database}"


def number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    unit = f" {row['unit']}" if row["unit"] else ""
    reference = number(row["reference"]) + (unit if row["reference"] is not None else "")
    verdict = "met" if row["is_met"] else "missed"
    return (row["name"], number(row["ours"]) + unit, reference, number(row["ratio"]), row["goal"], verdict)


def table(rows: list[dict[str, Any]]) -> str:
    lines = [HEADINGS, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def write_report(results: dict[str, Any]) -> None:
    """Renew the table in docs/performance.md and leave the words around it alone."""
    lines = [BEGIN, "", f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}.", ""]
    lines += ["| " + " | ".join(HEADINGS) + " |", "|---|---:|---:|---:|---|---|"]
    for result in results.values():
        lines += ["| " + " | ".join(cells(row)) + " |" for row in result["rows"]]
    lines += ["", *(f"- **{result['title']}**: {result['why']}" for result in results.values()), "", END]
    text = REPORT.read_text(encoding="utf-8") if REPORT.exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    REPORT.write_text(before + "\n".join(lines) + rest.partition(END)[2], encoding="utf-8")


def known() -> dict[str, Any]:
    try:
        return json.loads(RESULTS.read_text(encoding="utf-8"))["benchmarks"]
    except (OSError, ValueError, KeyError):
        return {}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=os.environ.get("ONLY") or None)
    parser.add_argument("--write", action="store_true", help="renew docs/performance.md")
    parser.add_argument("--strict", action="store_true", help="fail when a goal is missed")
    parser.add_argument("--here", help=argparse.SUPPRESS)
    parser.add_argument("--target", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        run_here(arguments.here, arguments.target)
        return 0
    wanted, broken = names(arguments.only), []
    results = {name: result for name, result in known().items() if name in names(None)}
    for name in wanted:
        print(f"Measuring {name} …", flush=True)
        began = time.monotonic()
        result = run_apart(name)
        if result is None:
            broken.append(name)
            continue
        results[name] = result
        took = f"{time.monotonic() - began:.0f} s, load {os.getloadavg()[1]:.1f}"  # others on the machine distort the figures
        print(f"{result['title']} ({took})\n{table(result['rows'])}\n", flush=True)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    written = {"machine": machine(), "benchmarks": dict(sorted(results.items()))}
    RESULTS.write_text(json.dumps(written, ensure_ascii=False, indent=1), encoding="utf-8")
    if arguments.write:
        write_report(written["benchmarks"])  # type: ignore[arg-type]
    if broken:
        print(f"These benchmarks broke: {', '.join(broken)}.", file=sys.stderr)
        return 1
    missed = [row["name"] for name in wanted for row in results[name]["rows"] if not row["is_met"]]
    if missed:
        print(f"Missed: {'; '.join(missed)}.", file=sys.stderr)
    return 1 if missed and arguments.strict else 0


if __name__ == "__main__":
    sys.exit(main())
