"""Locks: take a row for the length of a transaction."""

from __future__ import annotations

from typing import TypeVar

from django.db import models

T = TypeVar("T", bound=models.Model)


def lock(row: T) -> T:
    """Return a fresh, locked copy of `row`; other actions on it wait until this transaction ends.

    PostgreSQL locks the row; SQLite's IMMEDIATE transactions already let one writer in at a time.
    """
    return type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
