"""Embedded adapter: the index in SQLite files of its own with FTS5 and bitmaps, whatever the main database is."""

from .adapter import Embedded
from .connections import close
from .matching import match

__all__ = ["Embedded", "close", "match"]
