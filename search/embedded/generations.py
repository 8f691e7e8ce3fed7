"""Generations: the files behind the index, a small pointer that says which one answers, and how one takes over.

Each generation is an SQLite file of its own beside the others in `DATA_DIR`. The pointer is replaced in one step, so a crash at any
moment leaves one that answers. A generation that is being filled is marked by a lock that its process holds; the lock of a dead
process is free, and the next build sweeps what it left.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from ..engine import Unavailable
from .schema import SHAPE

STEM = "search.sqlite3"
OTHERS_SECONDS = 24 * 3600
NAME = re.compile(rf"{re.escape(STEM)}-([0-9a-f]{{8}})-\d{{20}}")


@dataclass(frozen=True)
class Pointer:
    """Which generation answers, and which one did before it (empty: none)."""

    answers: str
    before: str = ""


def path_of(name: str) -> Path:
    """Return the file of a generation."""
    return Path(settings.DATA_DIR) / name


def pointer_file() -> Path:
    """Return where the pointer lies; each shape has its own, so during an update the old program keeps its index."""
    return path_of(f"{STEM}.answers-{SHAPE}")


def shape_of(name: str) -> str:
    """Return the digest of the shape that a generation was made with, empty for what is none."""
    found = NAME.fullmatch(name)
    return found[1] if found else ""


def new_name() -> str:
    """Return a name for a new generation."""
    return f"{STEM}-{SHAPE}-{datetime.now(UTC):%Y%m%d%H%M%S%f}"


def pointer() -> Pointer | None:
    """Return the pointer, or None while nothing answers yet."""
    try:
        return Pointer(**json.loads(pointer_file().read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def point(new: Pointer) -> None:
    """Replace the pointer in one step that outlives a power cut; the caller holds changing()."""
    target = pointer_file()
    fresh = target.with_name(f"{target.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(asdict(new), file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def settle(name: str) -> None:
    """Bring a finished file to the disk before the pointer names it."""
    _sync(path_of(name))


@contextmanager
def changing() -> Iterator[None]:
    """Let one process at a time change the pointer."""
    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    with path_of(f"{STEM}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def remove(name: str) -> None:
    """Remove the files of a generation; who still has them open reads on."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path_of(name + suffix).unlink(missing_ok=True)


class Claim:
    """Hold the right to build: one generation is filled at a time, and a dead process holds nothing."""

    def __init__(self) -> None:
        Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
        self._file = path_of(f"{STEM}.building").open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise Unavailable(_("检索索引正在另一个进程中重建。")) from None

    def release(self) -> None:
        """Let others build."""
        self._file.close()


def sweep() -> list[str]:
    """Remove what dead builds and programs before this one left; the caller holds the claim. Return the names.

    What another shape's pointer names stays for a day after its last rebuild: its program may still run.
    """
    with changing():
        kept: set[str] = set()
        for path in Path(settings.DATA_DIR).glob(f"{STEM}.answers-{'?' * len(SHAPE)}"):
            if path == pointer_file() or time.time() - path.stat().st_mtime < OTHERS_SECONDS:
                kept |= set(json.loads(path.read_text(encoding="utf-8")).values())
            else:
                path.unlink()
        found = {re.sub(r"-(wal|shm|journal)$", "", path.name) for path in Path(settings.DATA_DIR).glob(f"{STEM}-*")}
        dead = sorted(name for name in found if NAME.fullmatch(name) and name not in kept)
        for name in (*dead, STEM):
            remove(name)
    return dead


def take_over(name: str) -> None:
    """Let a generation answer; keep the one before it and drop those before that."""
    settle(name)
    with changing():
        known = pointer()
        if known is not None and known.answers == name:
            return
        point(Pointer(name, known.answers if known else ""))
        if known is not None and known.before not in {"", name}:
            remove(known.before)


def drop(name: str) -> None:
    """Remove a generation. Raises ValueError for the one that answers."""
    with changing():
        known = pointer()
        if known is not None and known.answers == name:
            raise ValueError(f"{name} answers")
        if known is not None and known.before == name:
            point(Pointer(known.answers))
        remove(name)


def go_back() -> str:
    """Let the generation before answer again and drop the one that did. Raises LookupError when there is none."""
    with changing():
        known = pointer()
        if known is None or shape_of(known.before) != SHAPE or not path_of(known.before).exists():
            raise LookupError(_("没有可以退回的上一代索引。"))
        point(Pointer(known.before))
        remove(known.answers)
    return known.before
