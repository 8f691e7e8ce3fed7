"""The benchmark runner's arithmetic and its table."""

import json

import pytest

from tests.benchmarks import run as runner
from tests.benchmarks.rows import Row


def test_ratio_and_goal():
    row = Row(name="bids", ours=50, reference=100, unit="/s", goal="ratio >= 0.4")
    assert row.ratio == 0.5
    assert row.is_met
    assert not Row(name="page", ours=60, reference=None, unit="ms", goal="ours <= 50").is_met


def test_a_goal_that_nothing_can_judge_is_refused():
    with pytest.raises(ValueError, match="A goal reads"):
        Row(name="x", ours=1, reference=1, unit="", goal="fast")


def test_report_is_renewed_between_its_marks(tmp_path, monkeypatch):
    report = tmp_path / "performance.md"
    report.write_text(
        f"# Performance\n\nWords.\n\n{runner.BEGIN}\nold\n{runner.END}\n\nMore words.\n", encoding="utf-8"
    )
    monkeypatch.setattr(runner, "REPORT", report)
    row = Row(name="bids", ours=1234, reference=2000, unit="/s", goal="ratio >= 0.5").as_json()
    runner.write_report({"bids": {"title": "Bids", "why": "people wait", "rows": [json.loads(json.dumps(row))]}})
    text = report.read_text(encoding="utf-8")
    assert "| bids | 1,234 /s | 2,000 /s | 0.617 | ratio >= 0.5 | met |" in text
    assert "old" not in text
    assert "Words." in text
    assert text.endswith("More words.\n")


def test_an_unknown_benchmark_gives_one_sentence():
    with pytest.raises(SystemExit, match="There is no benchmark nothing"):
        runner.names("nothing")
