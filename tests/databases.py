"""Databases beside the suite's own on its PostgreSQL server: for servers that tests start as processes of their own."""

from __future__ import annotations

import os
import uuid

TEMPLATE = "template"  # the file in a folder of `made_once` that names a database to copy
PARTS = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


def _execute(statement: str) -> None:
    import psycopg

    address = {key: os.environ[variable] for key, variable in PARTS.items() if os.environ.get(variable)}
    with psycopg.connect(**address, autocommit=True) as connection:
        connection.execute(statement)


def new_database(template: str = "template0") -> str:
    """Create a database, empty or as a copy of another one, and return its name."""
    name = f"browser_{uuid.uuid4().hex[:12]}"
    _execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def drop_database(name: str) -> None:
    """Drop a database, whoever still uses it."""
    _execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
