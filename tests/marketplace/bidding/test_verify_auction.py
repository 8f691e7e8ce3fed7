"""The program that the public downloads: it finds what an auction's rules do not allow, with nothing but Python."""

from __future__ import annotations

import ast
import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.bidding import verify_auction
from marketplace.bidding.verify_auction import check
from tests.marketplace.bidding.auction_forgeries import FORGERIES, event, forged
from tests.marketplace.bidding.auction_logs import LOGS, Log, open_log, rank_log, turns_log, up_log


def verify(text, *arguments):
    command = [sys.executable, "-I", verify_auction.__file__, *map(str, arguments)]
    return subprocess.run(command, input=text, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize("name", LOGS)
def test_a_log_that_keeps_to_its_rules(name, tmp_path):
    log = LOGS[name]()
    assert check(log) == []
    file = tmp_path / "log.json"
    file.write_text(json.dumps(log), encoding="utf-8")
    run = verify(None, file)
    lines = run.stdout.decode().splitlines()
    assert (run.returncode, lines[-1], run.stderr) == (0, "OK", b"")
    assert log["tender"] in lines[0]
    assert any(log["events"][-1]["hash"] in line for line in lines)
    assert any("not recomputable" in line for line in lines) == (name in {"old", "turns"})


def test_from_standard_input_and_in_any_spelling_of_the_same_json():
    log = open_log()
    for text in (json.dumps(log, indent=8), json.dumps(log, ensure_ascii=False), "\ufeff" + json.dumps(log)):
        assert verify(text.encode()).returncode == 0
        assert verify(text.encode(), "-").returncode == 0


def paths(value, path=()):
    """Return the way to every single value of a log."""
    if isinstance(value, (dict, list)):
        keys = value if isinstance(value, dict) else range(len(value))
        return [found for key in keys for found in paths(value[key], (*path, key))]
    return [path]


def other(value):
    if isinstance(value, bool) or value is None:
        return not value
    return value + 1 if isinstance(value, int) else f"0{value}"


@pytest.mark.parametrize("name", ["open", "rank", "turns", "up"])
def test_whatever_is_changed_is_found(name):
    log = LOGS[name]()
    unvouched = {("tender",)}  # the name of the file's subject; the process stands under every hash
    for path in paths(log):
        masked = path[0] == "events" and "masked" in log["events"][path[1]]
        if path in unvouched or (masked and path[2] in {"subject", "visibility", "masked"}):
            continue
        if masked and path[2:] == ("data", "reason"):
            continue  # its hash is taken on trust, as the program says
        document = copy.deepcopy(log)
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = other(holder[path[-1]])
        assert check(document) != [], path
        del holder[path[-1]]
        assert check(document) != [], path


@pytest.mark.parametrize(
    ("name", "change", "words"), FORGERIES, ids=[f"{name}-{place}" for place, (name, *_more) in enumerate(FORGERIES)]
)
def test_a_forged_log_whose_hashes_fit(name, change, words, tmp_path, capsys):
    log = forged(LOGS[name](), change)
    faults = check(log)
    assert any(words in fault for fault in faults), faults
    file = tmp_path / "log.json"
    file.write_text(json.dumps(log), encoding="utf-8")
    assert verify_auction.main([str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-len(faults) :] == faults
    assert "OK" not in lines


@pytest.mark.parametrize("build", [open_log, rank_log, turns_log, up_log])
def test_a_chain_with_another_event_a_gap_or_a_loose_end(build):
    cases = []
    for change in (
        lambda rows: rows.pop(4),
        lambda rows: rows.insert(4, copy.deepcopy(rows[4])),
        lambda rows: rows[0].update(hash="0" * 64),
        lambda rows: rows[4].update(previous_hash=rows[2]["hash"]),
        lambda rows: rows[4].update(note="nobody vouches for this"),
    ):
        log = build()
        change(log["events"])
        cases.append(check(log))
    assert all(cases)


def test_a_bid_while_paused_and_one_after_a_pause_that_did_not_last():
    log = Log().bid(60, "23号", 99_000)
    log.add(100, "auction_paused", masked=True, reason="设备检修").bid(150, "41号", 98_000)
    log.move(200, "auction_resumed", 100)
    faults = check(log.close(3700, "41号", 98_000).done())
    assert [fault.partition(" ")[2] for fault in faults] == ["暂停期间受理 was accepted while the auction did not run"]


def test_initial_offers_decide_who_may_bid():
    log = Log(sealed_first=True).bid(0, "23号", 99_000, kind="initial").bid(60, "41号", 98_000)
    faults = check(log.close(3600, "41号", 98_000).done())
    assert ["without a first offer" in fault for fault in faults] == [True]


def test_a_round_that_nobody_noticed_is_passed_over():
    rules = {"rounds": 2, "turn_seconds": 60, "pause_seconds": 30}
    log = Log(ends=420, hard=420, mode="turns", turns=rules)
    log.round_of(2, 240, ["77号", "41号", "23号"]).bid(310, "41号", 98_000)
    assert check(log.close(420, "41号", 98_000).done()) == []


def test_an_auction_that_failed_or_was_never_opened():
    log = Log()
    log.label, log.best = "", None
    assert check(log.add(3600, "auction_failed", reason="竞价期间没有机构报价").done("failed")) == []
    events = [row for row in log.events if row.get("name") != "auction_opened"]
    log.events = events
    assert check(log.done("failed")) == []


@pytest.mark.parametrize(
    "text",
    [b"", b"not json", b"\xff\xfe", b"[]", b"null", b"{}", b"[" * 100_000, b'{"format": "auction-log/1"}']
    + [
        json.dumps({**open_log(), key: value}).encode()
        for key, value in (("events", [1]), ("result", 1), ("process", 1))
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_file_that_is_no_log(text):
    run = verify(text)
    assert (run.returncode, run.stderr) == (2, b"")
    assert "This is no readable log" in run.stdout.decode()


def test_text_that_no_program_wrote_is_a_fault_and_no_crash():
    log = open_log()
    event(log, "bid_voided")["data"]["reason"] = "\ud800"
    assert verify(json.dumps(log).encode()).returncode == 1


def test_no_file(tmp_path):
    run = verify(None, tmp_path / "absent.json")
    assert (run.returncode, run.stderr) == (2, b"")


def test_the_program_stands_alone_and_runs_on_older_pythons():
    source = Path(verify_auction.__file__).read_text(encoding="utf-8")
    assert len(source.splitlines()) < 300
    imported = set()
    for node in ast.walk(ast.parse(source, feature_version=(3, 9))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module)
    assert {name.partition(".")[0] for name in imported} <= set(sys.stdlib_module_names)
