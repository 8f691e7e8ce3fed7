"""State tables: every pair of every table."""

import pytest

from marketplace.core.refusals import Refused
from marketplace.core.states import TABLES


def all_pairs() -> list[tuple[str, str, str]]:
    return [(name, source, target) for name, table in TABLES.items() for source, target in table.pairs()]


@pytest.mark.parametrize(("name", "source", "target"), all_pairs())
def test_check_refuses_exactly_what_the_table_lacks(name: str, source: str, target: str) -> None:
    table = TABLES[name]
    if (source, target) in {(a, b) for a, b, _verb in table.transitions()}:
        table.check(source, target)
    else:
        with pytest.raises(Refused) as refused:
            table.check(source, target)
        assert refused.value.code == "state_conflict"


def test_every_status_can_be_reached_and_statuses_are_known() -> None:
    for table in TABLES.values():
        known = set(table.statuses.values)
        first = table.statuses.values[0]
        targets = {target for _source, target, _verb in table.transitions()}
        assert set(table.moves) <= known, table.name
        assert targets <= known, table.name
        assert targets | {first} == known, f"{table.name}: {known - targets - {first}} cannot be reached"
