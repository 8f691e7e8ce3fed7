"""A list: its columns, its rows in the database, what must hold within a row, and how rows are written."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from .columns import Column


@dataclass
class Parsed:
    """Be a row of a file: its number, the values by column key, and, where it exists, the row that it is about."""

    number: int
    values: dict[str, Any]
    old: Any = None
    notes: list[str] = field(default_factory=list)

    def get(self, key: str) -> Any:
        """Return the value that the row will have: the file's, else what stands there."""
        if key in self.values:
            return self.values[key]
        return getattr(self.old, key) if self.old is not None else None


class Listing(ABC):
    """Be one list of the catalogue, made for one preview, export or application; what it looks up it keeps."""

    title: str = ""
    model: type[models.Model]
    plain: tuple[str, ...] = ()  # keys that are fields of the model, written as they are

    def __init__(self) -> None:
        self.columns = self.make_columns()

    @abstractmethod
    def make_columns(self) -> tuple[Column, ...]:
        """Return the columns, the code first."""

    @abstractmethod
    def rows(self) -> Sequence[Any]:
        """Return all rows in order, with what the columns show."""

    def known_code(self, code: str) -> tuple[str, str]:
        """Return the code under which a row stands now, and a sentence where that is not the one in the file."""
        return code, ""

    def wrong(self, row: Parsed) -> list[tuple[str, str]]:
        """Return (column key, sentence) for what does not fit together within a row."""
        return []

    def fields_of(self, row: Parsed) -> dict[str, Any]:
        """Return the model's fields that a row sets."""
        found = {key: value for key, value in row.values.items() if key in self.plain}
        for key, value in row.values.items():
            if key not in self.plain and hasattr(self.model, f"{key}_count"):
                count, unit = value or (None, None)
                found[f"{key}_count"] = count
                if unit is not None:
                    found[f"{key}_unit"] = unit
        return found

    def write(self, rows: Sequence[Parsed]) -> None:
        """Create the rows that are new and change the others, in a handful of statements."""
        fresh, changed, names = [], [], set()
        for row in rows:
            values = self.fields_of(row)
            if row.old is None:
                fresh.append((row, self.model(**values)))
                continue
            for name, value in values.items():
                setattr(row.old, name, value)
            names |= set(values)
            changed.append(row.old)
        self.model._default_manager.bulk_create([one for _row, one in fresh], batch_size=500)
        keys = dict(self.model._default_manager.values_list("code", "pk"))
        if changed and names:
            self.model._default_manager.bulk_update(changed, sorted(names), batch_size=200)
        self.relate(rows, {row.values["code"]: keys[row.values["code"]] for row in rows})

    def relate(self, rows: Sequence[Parsed], keys: dict[str, int]) -> None:  # noqa: B027 - most lists say nothing of others
        """Write what a row says of other rows; `keys` are the database's, by code."""

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Return headings and cells of the whole list as they stand."""
        cells = [[column.show(column.value_of(row)) for column in self.columns] for row in self.rows()]
        return [column.heading for column in self.columns], cells


def digest(table: tuple[list[str], list[list[str]]]) -> str:
    """Return the SHA-256 of a list as it stands, 64 hexadecimal digits: the same while nobody has changed any of it."""
    total = hashlib.sha256()
    headings, rows = table
    for row in (headings, *rows):
        total.update("\x1f".join(row).encode())
        total.update(b"\x1e")
    return total.hexdigest()
