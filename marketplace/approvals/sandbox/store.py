"""What the local approval platform keeps: messages received, once by key, and where each case stands."""

from __future__ import annotations

import json
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS received (
  number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, project TEXT NOT NULL,
  case_number TEXT NOT NULL, body TEXT NOT NULL, answer TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS received_project ON received (project, number);
CREATE TABLE IF NOT EXISTS case_status (number TEXT PRIMARY KEY, status TEXT NOT NULL);
"""


class Store:
    """One SQLite file of our own; every call is one transaction under one lock."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(folder / "platform.sqlite3", check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    def status(self, case_number: str) -> str:
        """Return where a case stands; one that nobody spoke of waits for an intermediary."""
        with self._lock:
            row = self._db.execute("SELECT status FROM case_status WHERE number = ?", (case_number,)).fetchone()
        return str(row["status"]) if row else "waiting"

    def take(
        self, *, key: str, kind: str, project: str, case_number: str, body: dict[str, Any], status: str | None
    ) -> dict[str, Any]:
        """Keep a message once and move its case; a repeated key gives the first answer and changes nothing."""
        with self._lock, self._db:
            known = self._db.execute("SELECT answer FROM received WHERE key = ?", (key,)).fetchone()
            if known:
                return {**json.loads(known["answer"]), "repeated": True}
            if case_number and status:
                self._db.execute(
                    "INSERT INTO case_status VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET status = excluded.status",
                    (case_number, status),
                )
            row = self._db.execute("SELECT status FROM case_status WHERE number = ?", (case_number,)).fetchone()
            at = datetime.now(UTC).isoformat(timespec="seconds")
            cursor = self._db.execute(
                "INSERT INTO received (key, kind, project, case_number, body, answer, at) VALUES (?,?,?,?,?,'{}',?)",
                (key, kind, project, case_number, json.dumps(body, ensure_ascii=False), at),
            )
            answer = {
                "success": True,
                "receipt": f"SPPT-{cursor.lastrowid:06d}",
                "case": {"number": case_number, "status": row["status"] if row else "waiting"} if case_number else None,
            }
            self._db.execute("UPDATE received SET answer = ? WHERE number = ?", (json.dumps(answer), cursor.lastrowid))
        return answer

    def received(self, project: str) -> list[dict[str, Any]]:
        """Return what was received for a project, newest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT * FROM received WHERE project = ? ORDER BY number DESC", (project,)
            ).fetchall()
        return [
            {
                "kind": row["kind"],
                "case": row["case_number"],
                "body": json.loads(row["body"]),
                "receipt": json.loads(row["answer"]).get("receipt", ""),
                "at": datetime.fromisoformat(row["at"]),
            }
            for row in rows
        ]

    def counts(self) -> dict[str, int]:
        """Return how many messages each project has."""
        with self._lock:
            return dict(self._db.execute("SELECT project, COUNT(*) FROM received GROUP BY project").fetchall())
