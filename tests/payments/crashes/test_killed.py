"""kill -9 at every commit of paying, refunding and settling: a new process brings it to the same end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.databases import SQLITE, migrated_sqlite

ROOT = Path(__file__).resolve().parent.parent.parent.parent


def test_a_process_killed_at_any_commit_loses_and_doubles_nothing(request, tmp_path):
    shutil.copyfile(migrated_sqlite(request.config.cache), tmp_path / SQLITE)
    dropped = ("PYTEST_", "COV_", "PG", "DB")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    environment |= {
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
        "ASSUME_PLAIN_CALENDAR": "1",
        "LOG_LEVEL": "ERROR",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.payments.crashes.killed"],
        cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    result = json.loads(done.stdout.rstrip().rpartition("\n")[2])
    assert result["wrong"] == [], done.stderr[-4000:]
    assert result["tries"] >= 16  # confirm, settle, refund, transfer and their records, each from both sides
