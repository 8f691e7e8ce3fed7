"""The local gateway's memory: accounts, trades, codes, refunds, transfers, splits, visits, notices in a SQLite file of its own."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SELLER, FEES = "2088000000000001", "2088000000000002"
OPENING_FEN = 10**8  # the merchant's own money, which its fees are paid from
SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
  user_id TEXT PRIMARY KEY, logon_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  password TEXT NOT NULL, pay_password TEXT NOT NULL, balance_fen INTEGER NOT NULL CHECK (balance_fen >= 0)
);
CREATE TABLE IF NOT EXISTS trade (
  trade_no TEXT PRIMARY KEY, out_trade_no TEXT NOT NULL UNIQUE, buyer_id TEXT NOT NULL, content TEXT NOT NULL,
  subject TEXT NOT NULL, total_fen INTEGER NOT NULL, status TEXT NOT NULL, notify_url TEXT NOT NULL,
  return_url TEXT NOT NULL, time_expire TEXT NOT NULL, refunded_fen INTEGER NOT NULL DEFAULT 0,
  gmt_create TEXT NOT NULL, gmt_payment TEXT NOT NULL DEFAULT '', gmt_close TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS refund (
  trade_no TEXT NOT NULL, out_request_no TEXT NOT NULL, amount_fen INTEGER NOT NULL, reason TEXT NOT NULL,
  gmt_refund TEXT NOT NULL, PRIMARY KEY (trade_no, out_request_no)
);
CREATE TABLE IF NOT EXISTS transfer (
  order_id TEXT PRIMARY KEY, out_biz_no TEXT NOT NULL UNIQUE, payee_id TEXT NOT NULL, amount_fen INTEGER NOT NULL,
  title TEXT NOT NULL, content TEXT NOT NULL, trans_date TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS visit (
  token TEXT PRIMARY KEY, content TEXT NOT NULL, notify_url TEXT NOT NULL, return_url TEXT NOT NULL,
  buyer_id TEXT NOT NULL DEFAULT '', began REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS notice (
  notify_id TEXT PRIMARY KEY, url TEXT NOT NULL, fields TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  next_at REAL, answer TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS code (
  code TEXT PRIMARY KEY, out_trade_no TEXT NOT NULL UNIQUE, content TEXT NOT NULL, notify_url TEXT NOT NULL,
  is_dead INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS receiver (user_id TEXT PRIMARY KEY, memo TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS split (
  settle_no TEXT PRIMARY KEY, trade_no TEXT NOT NULL, out_request_no TEXT NOT NULL, content TEXT NOT NULL,
  is_last INTEGER NOT NULL, made_at TEXT NOT NULL, UNIQUE (trade_no, out_request_no)
);
CREATE TABLE IF NOT EXISTS share (
  detail_id TEXT PRIMARY KEY, settle_no TEXT NOT NULL, payee_id TEXT NOT NULL, trans_in TEXT NOT NULL,
  trans_in_type TEXT NOT NULL, amount_fen INTEGER NOT NULL, state TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS bill_link (
  token TEXT PRIMARY KEY, kind TEXT NOT NULL, period TEXT NOT NULL, until REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
# Invented people and firms. The passwords are printed on the cashier page: nothing here is worth protecting.
ACCOUNTS = (
    (SELLER, "merchant@sandbox.invalid", "中介超市（沙箱商户）", OPENING_FEN),
    (FEES, "fees@sandbox.invalid", "支付宝（沙箱服务费）", 0),
    ("2088000000000101", "buyer@sandbox.invalid", "沙箱付款单位", 10**11),
    ("2088000000000102", "rich@sandbox.invalid", "沙箱大额付款单位", 10**13),
    ("2088000000000103", "poor@sandbox.invalid", "沙箱余额不足", 100),
)
PASSWORD, PAY_PASSWORD = "111111", "123456"


class Store:
    """Give rows as dictionaries; every change happens inside `change()`, one at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=20)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._lock = threading.RLock()
        self._connection.executescript(SCHEMA)
        with self.change():
            self._give_old_merchant_its_opening()
            for user_id, logon_id, name, balance in ACCOUNTS:
                self.run(
                    "INSERT OR IGNORE INTO account VALUES (?, ?, ?, ?, ?, ?)",
                    (user_id, logon_id, name, PASSWORD, PAY_PASSWORD, balance),
                )

    def _give_old_merchant_its_opening(self) -> None:
        """Let a store from before the fees go on: its merchant began with nothing to pay them from."""
        known = {row["user_id"] for row in self.all("SELECT user_id FROM account")}
        if SELLER in known and FEES not in known:
            self.run("UPDATE account SET balance_fen = balance_fen + ? WHERE user_id = ?", (OPENING_FEN, SELLER))

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the store for one change: all of it or nothing."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def run(self, sql: str, values: tuple[Any, ...] = ()) -> int:
        """Execute a statement and return how many rows it touched."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def one(self, sql: str, values: tuple[Any, ...] = ()) -> dict[str, Any] | None:
        with self._lock:
            row = self._connection.execute(sql, values).fetchone()
        return dict(row) if row else None

    def all(self, sql: str, values: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(sql, values).fetchall()]

    def number(self, name: str) -> int:
        """Return the next number of a counter."""
        with self.change():
            self.run("INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", (name,))
            row = self.one("SELECT value FROM counter WHERE name = ?", (name,))
        assert row is not None
        return int(row["value"])

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def shift(store: Store, user_id: str, fen: int) -> bool:
    """Add to an account's balance; False when it would fall below zero."""
    sql = "UPDATE account SET balance_fen = balance_fen + ? WHERE user_id = ? AND balance_fen + ? >= 0"
    return store.run(sql, (fen, user_id, fen)) == 1
