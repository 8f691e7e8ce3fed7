"""docs/states.md says what the tables say."""

import pytest
from django.core.management import CommandError, call_command

from marketplace.core.states import TABLES


def test_every_table_has_a_section_and_a_diagram(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    call_command("states", verbosity=0)
    text = (tmp_path / "docs" / "states.md").read_text(encoding="utf-8")
    assert text.count("stateDiagram-v2") == len(TABLES)
    assert "## 采购需求 `tender`" in text
    assert "    open --> selecting: start_selection" in text
    call_command("states", "--check")


@pytest.mark.parametrize("stale", [None, "old words"])
def test_a_stale_or_missing_page_fails_the_check(settings, tmp_path, stale):
    settings.BASE_DIR = tmp_path
    if stale:
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "states.md").write_text(stale, encoding="utf-8")
    with pytest.raises(CommandError, match=r"manage\.py states"):
        call_command("states", "--check")
