"""Generations: one takes over from the other in one step, whoever reads or dies meanwhile."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from search.documents import Document
from search.embedded import Embedded, close, generations
from search.embedded.generations import pointer, shape_of
from search.embedded.schema import SHAPE
from search.engine import Query, Unavailable

OLD = Document("firm", 1, 1, "鹰潭旧名测绘有限公司", "", "/firms/1/")
NEW = Document("firm", 1, 2, "鹰潭新名测绘有限公司", "", "/firms/1/")

CHILD = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "marketplace.settings"
import django
django.setup()
from search.documents import Document
from search.embedded import Embedded
from search.engine import Query
adapter = Embedded()
"""


@pytest.fixture
def index(data_dir: Path) -> Embedded:
    adapter = Embedded()
    adapter.index([OLD])
    return adapter


def child(script: str, data_dir: Path) -> subprocess.Popen[str]:
    """Run a script in a process of its own, which speaks line by line."""
    environment = {**os.environ, "DATA_DIR": str(data_dir), "ELASTICSEARCH_URL": ""}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD + script],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def build(index: Embedded, *documents: Document) -> str:
    name = index.begin()
    assert index.index(documents, into=name) == len(documents)
    return name


def titles(index: Embedded, text: str = "") -> list[str]:
    return [hit.title for hit in index.search(Query(text)).hits]


def files(data_dir: Path) -> set[str]:
    return {path.name for path in data_dir.iterdir() if shape_of(path.name)}


def test_a_build_answers_only_after_the_swap(index: Embedded, data_dir: Path) -> None:
    before = Path(index.status().place).name
    name = build(index, NEW)
    assert shape_of(name) == SHAPE
    assert titles(index) == [OLD.title]
    assert index.count(name) == {"firm": 1}
    index.swap(name)
    assert titles(index, "新名") == [NEW.title]
    assert index.status().place == str(data_dir / name)
    assert index.status().newest_version == 2
    assert files(data_dir) == {before, name}


def test_only_the_generation_before_is_kept(index: Embedded, data_dir: Path) -> None:
    made = []
    for _time in range(3):
        made.append(build(index, NEW))
        index.swap(made[-1])
    assert files(data_dir) == set(made[1:])


def test_goes_back_once(index: Embedded, data_dir: Path) -> None:
    before = Path(index.status().place).name
    name = build(index, NEW)
    index.swap(name)
    assert index.roll_back() == before
    assert titles(index) == [OLD.title]
    assert files(data_dir) == {before}
    with pytest.raises(LookupError):
        index.roll_back()
    assert titles(index) == [OLD.title]


def test_what_answers_is_written_while_another_one_is_filled(index: Embedded) -> None:
    name = build(index, NEW)
    index.index([Document("firm", 2, 3, "期间入驻的机构", "", "/firms/2/")])
    index.delete("firm:1", 4)
    assert titles(index) == ["期间入驻的机构"]
    index.swap(name)
    assert titles(index) == [NEW.title]


def test_a_build_keeps_versions_and_deletes(index: Embedded) -> None:
    name = build(index, NEW)
    assert index.index([OLD], into=name) == 0
    index.delete("firm:1", 1, into=name)
    assert index.count(name) == {"firm": 1}
    index.delete("firm:1", 5, into=name)
    assert index.index([NEW], into=name) == 0
    index.delete("firm:9", 5, into=name)
    assert index.index([Document("firm", 9, 4, "更早的", "", "/firms/9/")], into=name) == 0
    assert index.count(name) == {}
    index.swap(name)
    assert titles(index) == []
    assert index.index([NEW]) == 0


def test_a_build_that_is_dropped_leaves_nothing(index: Embedded, data_dir: Path) -> None:
    before = files(data_dir)
    index.drop(build(index, NEW))
    assert files(data_dir) == before
    with pytest.raises(ValueError, match="answers"):
        index.drop(before.pop())
    assert titles(index) == [OLD.title]


def test_two_do_not_build_at_once(index: Embedded, data_dir: Path) -> None:
    name = index.begin()
    with pytest.raises(Unavailable):
        index.begin()
    other = child("try:\n    adapter.begin()\nexcept Exception as error:\n    print(type(error).__name__)", data_dir)
    assert other.communicate(timeout=60)[0].strip() == "Unavailable"
    index.drop(name)
    index.drop(index.begin())


def test_another_process_notices_at_once(index: Embedded, data_dir: Path) -> None:
    reader = child(
        "print('ready', flush=True)\n"
        "for line in sys.stdin:\n    print(*(hit.title for hit in adapter.search(Query()).hits), flush=True)",
        data_dir,
    )
    assert reader.stdin
    assert reader.stdout

    def ask() -> str:
        assert reader.stdin
        assert reader.stdout
        reader.stdin.write("\n")
        reader.stdin.flush()
        return reader.stdout.readline().strip()

    assert reader.stdout.readline() == "ready\n"
    assert ask() == OLD.title
    index.swap(build(index, NEW))
    assert ask() == NEW.title
    index.index([Document("firm", 1, 7, "改了又改", "", "/firms/1/")])
    assert ask() == "改了又改"
    index.roll_back()
    assert ask() == OLD.title
    reader.communicate(timeout=60)


@pytest.mark.parametrize("moment", ["adapter.index", "adapter.count", "generations.settle", "generations.point"])
def test_who_dies_while_building_leaves_an_index_that_answers(index: Embedded, data_dir: Path, moment: str) -> None:
    killed = child(
        "from search.embedded import generations\n"
        "name = adapter.begin()\n"
        "adapter.index([Document('firm', 1, 2, '新', '', '/')], into=name)\n"
        + ("" if moment == "adapter.index" else "adapter.count(name)\n")
        + "def die(*_anything): print('now', flush=True); sys.stdin.read()\n"
        + (f"{moment} = die\nadapter.swap(name)\n" if moment.startswith("generations") else "die()\n"),
        data_dir,
    )
    assert killed.stdout
    assert killed.stdout.readline() == "now\n"
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)
    assert len(files(data_dir)) == 2
    assert titles(index) == [OLD.title]
    close()
    assert titles(index) == [OLD.title]
    name = build(index, NEW)
    assert len(files(data_dir)) == 2, "what the dead one left is swept"
    index.swap(name)
    assert titles(index) == [NEW.title]


def test_who_dies_just_after_the_swap_leaves_the_new_one(index: Embedded, data_dir: Path) -> None:
    first, second = build(index, OLD), ""
    index.swap(first)
    second = build(index, NEW)
    known = pointer()
    assert known
    index.swap(second)
    (data_dir / known.before).write_bytes(b"what could not be removed any more")
    assert titles(index) == [NEW.title]
    index.drop(index.begin())
    assert files(data_dir) == {first, second}


def test_threads_read_while_one_writes_and_generations_change(index: Embedded) -> None:
    wrong: list[str] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                found = index.search(Query("测绘"))
                if len(found.hits) != 1 or found.total != 1 or found.counts["kind"] != {"firm": 1}:
                    wrong.append(repr(found))
        except Exception as error:  # noqa: BLE001 told below
            wrong.append(repr(error))
        finally:
            close()

    readers = [threading.Thread(target=read) for _reader in range(3)]
    for reader in readers:
        reader.start()
    for version in range(10, 40):
        index.index([Document("firm", 1, version, f"鹰潭第{version}测绘有限公司", "", "/firms/1/", ("360602",))])
        if version % 6 == 0:
            index.swap(build(index, Document("firm", 1, version, "鹰潭新测绘", "", "/firms/1/")))
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_another_shape_has_its_own_pointer_and_its_files_stay_for_a_day(index: Embedded, data_dir: Path) -> None:
    """During an update the program before and the one after answer side by side, each from its own generation."""
    other = f"{generations.STEM}-00000000-{'1' * 20}"
    path, named = data_dir / f"{generations.STEM}.answers-00000000", data_dir / other
    sqlite3.connect(named).close()
    path.write_text(json.dumps({"answers": other, "before": ""}))
    assert titles(index) == [OLD.title]
    index.swap(build(index, NEW))
    assert titles(index) == [NEW.title]
    assert named.exists()
    os.utime(path, (1, 1))
    index.drop(index.begin())
    assert not path.exists()
    assert not named.exists()
    assert titles(index) == [NEW.title]


def test_files_that_were_removed_leave_an_empty_index_that_fills_again(index: Embedded, data_dir: Path) -> None:
    for path in data_dir.glob(f"{generations.STEM}*"):
        path.unlink()
    assert titles(index) == []
    index.index([NEW])
    assert titles(index) == [NEW.title]
