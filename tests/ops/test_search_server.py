"""The throw-away search servers: what is missing is said, and what one run starts is shared and gone at its end."""

import multiprocessing
import urllib.request
from pathlib import Path

import pytest
import search_server  # ops/search_server.py
from servers import Unavailable, is_listening


@pytest.mark.parametrize(
    ("there", "missing"), [((), "no java "), (("java",), "no javac"), (("java", "javac"), "no mvn")]
)
def test_what_is_missing_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: tuple[str, ...], missing: str
) -> None:
    monkeypatch.setattr(search_server, "ROOT", tmp_path)
    monkeypatch.setattr(search_server.shutil, "which", lambda name: f"/bin/{name}" if name in there else None)
    with pytest.raises(Unavailable, match=f"{missing}.*apt-get install"):
        search_server.prepared("elasticsearch")


def test_what_maven_says_is_passed_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho '[ERROR] Could not transfer artifact: no network'\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setattr(search_server, "ROOT", tmp_path)
    monkeypatch.setattr(search_server.shutil, "which", lambda name: str(maven))
    with pytest.raises(Unavailable, match="no network"):
        search_server.prepared("opensearch")
    assert not list(tmp_path.glob("var/services/*/ready"))


def _use(folder: Path, address: "multiprocessing.Queue[str]", leave: "multiprocessing.synchronize.Event") -> None:
    with search_server.shared(folder, search_server.elasticsearch) as url:
        address.put(url)
        leave.wait(120)


def test_two_processes_share_one_server_and_the_last_to_leave_ends_it(tmp_path: Path) -> None:
    try:
        search_server.prepared("elasticsearch")
    except Unavailable as problem:
        pytest.skip(str(problem))
    context = multiprocessing.get_context("fork")
    address, first_leaves, second_leaves = context.Queue(), context.Event(), context.Event()
    first = context.Process(target=_use, args=(tmp_path, address, first_leaves))
    first.start()
    url = address.get(timeout=120)
    second = context.Process(target=_use, args=(tmp_path, address, second_leaves))
    second.start()
    assert address.get(timeout=60) == url
    first_leaves.set()
    with urllib.request.urlopen(f"{url}/_cluster/health", timeout=10) as answer:
        assert answer.status == 200  # the one who started it waits for the other
    second_leaves.set()
    for process in (first, second):
        process.join(60)
        assert process.exitcode == 0
    assert not is_listening(int(url.rsplit(":", 1)[1]))
    assert not (tmp_path / "elasticsearch.address").exists()
