"""Migrated databases to start from: migrating takes most of a minute, copying what was migrated before almost nothing."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import django
import pytest

from tests.once import made_once

ROOT = Path(__file__).resolve().parent.parent
SQLITE = "marketplace.sqlite3"  # the file's name in a data folder
ADDRESS = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


def migrate(**environment: str) -> None:
    """Migrate a database in a process of its own, as an installation does."""
    passed = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env={**passed, "PYTHONUTF8": "1", **environment},
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"migrate:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def migrated_sqlite(cache: pytest.Cache) -> Path:
    """Return a migrated SQLite file that is to be copied, kept from run to run until a migration changes."""
    folder = cache.mkdir("databases")
    file = folder / f"{_digest()}.sqlite3"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            for old in folder.glob("*.sqlite3"):
                old.unlink()
            with tempfile.TemporaryDirectory(dir=folder) as place:
                migrate(DB="sqlite", DATA_DIR=place)
                (Path(place) / SQLITE).rename(file)
    return file


def _digest() -> str:
    """Return a digest of all that migrations are made of."""
    from django.apps import apps

    found = hashlib.sha256(django.get_version().encode())
    for config in sorted(apps.get_app_configs(), key=lambda config: config.name):
        for path in sorted([*Path(config.path).glob("migrations/*.py"), *Path(config.path).glob("triggers.py")]):
            found.update(f"{config.name} {path.name} ".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def migrated_postgres(factory: pytest.TempPathFactory) -> str:
    """Return the name of a migrated PostgreSQL database that is to be copied; one is made in each run."""

    def make(folder: Path) -> None:
        name = new_database()
        (folder / "name").write_text(name)
        migrate(DB="postgres", PGDATABASE=name, DATA_DIR=str(folder))

    return (made_once(factory, "postgres", make) / "name").read_text()


def drop_migrated_postgres(base: Path) -> None:
    """Drop it when all workers have ended."""
    for file in base.glob("postgres/name"):
        drop_database(file.read_text())


def new_database(template: str = "template0") -> str:
    """Create a PostgreSQL database beside the suite's own, empty or as a copy of another one, and return its name."""
    name = f"marketplace_{uuid.uuid4().hex[:12]}"
    _execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def drop_database(name: str) -> None:
    """Drop a database, whoever still uses it."""
    _execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _execute(statement: str) -> None:
    import psycopg

    address = {key: os.environ[variable] for key, variable in ADDRESS.items() if os.environ.get(variable)}
    with psycopg.connect(**address, autocommit=True) as connection:
        connection.execute(statement)
