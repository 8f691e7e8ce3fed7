"""Every pair of states of a contract, a milestone and a deliverable."""

import pytest

from marketplace.contracts.states import CONTRACT, DELIVERABLE, MILESTONE
from marketplace.core.refusals import Refused

ALLOWED = {
    CONTRACT: {("draft", "signing"), ("signing", "draft"), ("signing", "active"), ("active", "completed")},
    MILESTONE: {
        ("planned", "funded"),
        ("funded", "delivered"),
        ("delivered", "funded"),
        ("delivered", "accepted"),
        ("accepted", "settled"),
    },
    DELIVERABLE: {("submitted", "accepted"), ("submitted", "returned")},
}


@pytest.mark.parametrize(
    ("table", "source", "target"),
    [(table, *pair) for table in ALLOWED for pair in table.pairs()],
    ids=lambda value: getattr(value, "name", value),
)
def test_every_pair(table, source, target):
    if (source, target) in ALLOWED[table]:
        table.check(source, target)
        return
    with pytest.raises(Refused) as refused:
        table.check(source, target)
    assert refused.value.code == "state_conflict"
