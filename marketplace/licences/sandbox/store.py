"""What the local library keeps: licences, the feed of their changes, and every reading with its reason."""

from __future__ import annotations

import json
import sqlite3
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ..identifiers import compose
from ..states import Status

SCHEMA = """
CREATE TABLE IF NOT EXISTS licence (
  number INTEGER PRIMARY KEY AUTOINCREMENT, identifier TEXT NOT NULL UNIQUE, holder_code TEXT NOT NULL,
  holder_name TEXT NOT NULL, registered_code TEXT NOT NULL, status TEXT NOT NULL, valid_until TEXT NOT NULL,
  body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS licence_holder ON licence (holder_code);
CREATE INDEX IF NOT EXISTS licence_registered ON licence (registered_code) WHERE registered_code <> '';
CREATE TABLE IF NOT EXISTS change (number INTEGER PRIMARY KEY AUTOINCREMENT, identifier TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reading (
  number INTEGER PRIMARY KEY AUTOINCREMENT, action TEXT NOT NULL, subject TEXT NOT NULL, reason TEXT NOT NULL,
  reference TEXT NOT NULL, organization TEXT NOT NULL, answer TEXT NOT NULL, at TEXT NOT NULL);
"""
# What an authority may do to a licence that stands so; renewing makes a new one and cancels the old.
MOVES: dict[str, tuple[str, ...]] = {
    Status.VALID: (Status.SUSPENDED, Status.CANCELLED),
    Status.SUSPENDED: (Status.VALID, Status.CANCELLED),
    Status.EXPIRED: (Status.CANCELLED,),
    Status.CANCELLED: (),
}
FEED_PAGE = 200


class ControlRefused(ValueError):
    """Say in a sentence why the library cannot do what was asked of it."""


class Store:
    """One SQLite file of our own; every call is one transaction under one lock."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(folder / "library.sqlite3", check_same_thread=False, timeout=20)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def issue(self, body: dict[str, Any], *, issuer_code: str, today: date) -> str:
        """Issue a licence and tell the feed; returns its identifier. `body` is as in the interface, without identifier and status."""
        with self._lock, self._db:
            return self._issue(body, issuer_code, f"{today.year}{self._next():07d}", 1)

    def renew(self, identifier: str, *, valid_until: date | None, today: date) -> str:
        """Issue the next version of a licence from today and cancel the old one; returns the new identifier."""
        with self._lock, self._db:
            row = self._row(identifier)
            if row["status"] == Status.CANCELLED:
                raise ControlRefused("这份证照已注销，不能延续；请新发一份。")
            if valid_until is not None and valid_until < today:
                raise ControlRefused("延续后的有效期不能早于今天。")
            _root, issuer_code, serial, version, _check = identifier.rsplit(".", 4)
            body = {
                **json.loads(row["body"]),
                "issued_on": today.isoformat(),
                "valid_until": valid_until.isoformat() if valid_until else None,
                "replaces": identifier,
            }
            fresh = self._issue(body, issuer_code, serial, int(version) + 1)
            self._move(identifier, Status.CANCELLED)  # after the new one, so that a reader never finds none
            return fresh

    def move(self, identifier: str, status: str, *, today: date) -> None:
        """Suspend, resume or cancel a licence and tell the feed."""
        with self._lock, self._db:
            now = self._status(self._row(identifier), today)
            if status not in MOVES[now]:
                raise ControlRefused(f"证照现在{Status(now).label}，不能改为{Status(status).label}。")
            self._move(identifier, status)

    def end_on(self, identifier: str, valid_until: date, *, today: date) -> None:
        """Correct the last day of a licence and tell the feed; a day that is over makes it expired."""
        with self._lock, self._db:
            body = json.loads(self._row(identifier)["body"])
            if body["issued_on"] and valid_until.isoformat() < body["issued_on"]:
                raise ControlRefused("有效期不能早于发证日期。")
            body["valid_until"] = valid_until.isoformat()
            self._db.execute(
                "UPDATE licence SET body = ?, valid_until = ? WHERE identifier = ?",
                (json.dumps(body, ensure_ascii=False), valid_until.isoformat(), identifier),
            )
            self._tell(identifier)

    def licence(self, identifier: str, today: date) -> dict[str, Any] | None:
        """Return a licence as the interface tells it."""
        with self._lock:
            row = self._db.execute("SELECT * FROM licence WHERE identifier = ?", (identifier,)).fetchone()
        return self._told(row, today) if row else None

    def licences_of(self, code: str, today: date) -> list[dict[str, Any]]:
        """Return what a holder has and, of a firm, its practitioners' certificates; the oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT * FROM licence WHERE holder_code = ?1 OR (registered_code = ?1 AND ?1 <> '') ORDER BY number",
                (code,),
            ).fetchall()
        return [self._told(row, today) for row in rows]

    def find(self, words: str, today: date, *, most: int = 50) -> list[dict[str, Any]]:
        """Return licences whose holder's name or code, number or identifier contains the words; the newest first."""
        like = f"%{words.replace('%', '').replace('_', '')}%"
        with self._lock:
            rows = self._db.execute(
                "SELECT * FROM licence WHERE holder_name LIKE ?1 OR holder_code LIKE ?1 OR identifier LIKE ?1 "
                "OR registered_code LIKE ?1 OR body LIKE ?1 ORDER BY number DESC LIMIT ?2",
                (like, most),
            ).fetchall()
        return [self._told(row, today) for row in rows]

    def knows(self, holder_code: str, type_code: str, number: str) -> bool:
        """Tell whether a holder already has a licence of this type and number."""
        with self._lock:
            rows = self._db.execute("SELECT body FROM licence WHERE holder_code = ?", (holder_code,)).fetchall()
        bodies = [json.loads(row["body"]) for row in rows]
        return any((body["type_code"], body["number"]) == (type_code, number) for body in bodies)

    def changes(self, after: int, today: date) -> tuple[int, list[dict[str, Any]]]:
        """Return the feed's end and the changes after a cursor, each licence once, as it stands now."""
        with self._lock:
            last = self._db.execute("SELECT COALESCE(MAX(number), 0) FROM change").fetchone()[0]
            rows = self._db.execute(
                "SELECT licence.*, MAX(change.number) AS cursor FROM change JOIN licence USING (identifier) "
                "WHERE change.number > ? GROUP BY identifier ORDER BY cursor LIMIT ?",
                (after, FEED_PAGE),
            ).fetchall()
        return int(last), [{"cursor": row["cursor"], "licence": self._told(row, today)} for row in rows]

    def note(self, *, action: str, subject: str, question: dict[str, Any], answer: str) -> None:
        """Keep a reading, as the authority's own audit does."""
        who = f"{question.get('organization_name') or ''} {question.get('organization_code') or ''}".strip()
        row = (action, subject, str(question.get("reason") or ""), str(question.get("reference") or ""), who, answer)
        with self._lock, self._db:
            self._db.execute(
                "INSERT INTO reading (action, subject, reason, reference, organization, answer, at) "
                "VALUES (?,?,?,?,?,?,?)",
                (*row, datetime.now(UTC).isoformat(timespec="seconds")),
            )

    def readings(self, subject: str = "", *, most: int = 30) -> list[dict[str, Any]]:
        """Return the newest readings, of one holder's code or identifier or of all."""
        with self._lock:
            rows = self._db.execute(
                "SELECT * FROM reading WHERE ?1 = '' OR subject = ?1 ORDER BY number DESC LIMIT ?2", (subject, most)
            ).fetchall()
        return [{**dict(row), "at": datetime.fromisoformat(row["at"])} for row in rows]

    def count(self) -> int:
        """Return how many licences there are."""
        with self._lock:
            return int(self._db.execute("SELECT COUNT(*) FROM licence").fetchone()[0])

    def _issue(self, body: dict[str, Any], issuer_code: str, serial: str, version: int) -> str:
        identifier = compose(body["type_code"], issuer_code, serial, version)
        self._db.execute(
            "INSERT INTO licence (identifier, holder_code, holder_name, registered_code, status, valid_until, body) "
            "VALUES (?,?,?,?,?,?,?)",
            (
                identifier,
                body["holder_code"],
                body["holder_name"],
                body["fields"].get("registered_code", ""),
                Status.VALID.value,
                body["valid_until"] or "",
                json.dumps(body, ensure_ascii=False),
            ),
        )
        self._tell(identifier)
        return identifier

    def _next(self) -> int:
        return int(self._db.execute("SELECT COALESCE(MAX(number), 0) + 1 FROM licence").fetchone()[0])

    def _move(self, identifier: str, status: str) -> None:
        self._db.execute("UPDATE licence SET status = ? WHERE identifier = ?", (str(status), identifier))
        self._tell(identifier)

    def _tell(self, identifier: str) -> None:
        self._db.execute("INSERT INTO change (identifier) VALUES (?)", (identifier,))

    def _row(self, identifier: str) -> sqlite3.Row:
        row: sqlite3.Row | None = self._db.execute(
            "SELECT * FROM licence WHERE identifier = ?", (identifier,)
        ).fetchone()
        if row is None:
            raise ControlRefused("没有这份证照。")
        return row

    @staticmethod
    def _status(row: sqlite3.Row, today: date) -> str:
        is_over = row["valid_until"] and row["valid_until"] < today.isoformat()
        return Status.EXPIRED.value if is_over and row["status"] == Status.VALID else str(row["status"])

    def _told(self, row: sqlite3.Row, today: date) -> dict[str, Any]:
        told = {"replaces": "", **json.loads(row["body"]), "identifier": row["identifier"]}
        return {**told, "status": self._status(row, today)}
