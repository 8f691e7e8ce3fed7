"""Every pair of states of a selection, an award and an objection: allowed as the table says, refused otherwise."""

import pytest

from marketplace.awards.states import AWARD, OBJECTION, SELECTION, AwardStatus, ObjectionStatus, SelectionStatus
from marketplace.core.refusals import Refused

ALLOWED = {
    SELECTION: {
        (SelectionStatus.COMMITTED, SelectionStatus.JUDGING),
        (SelectionStatus.COMMITTED, SelectionStatus.DECIDED),
        (SelectionStatus.COMMITTED, SelectionStatus.FAILED),
        (SelectionStatus.JUDGING, SelectionStatus.DECIDED),
        (SelectionStatus.JUDGING, SelectionStatus.FAILED),
    },
    AWARD: {
        (AwardStatus.STANDSTILL, AwardStatus.CONFIRMED),
        (AwardStatus.STANDSTILL, AwardStatus.ACCEPTING),
        (AwardStatus.STANDSTILL, AwardStatus.OBJECTED),
        (AwardStatus.STANDSTILL, AwardStatus.DECLINED),
        (AwardStatus.STANDSTILL, AwardStatus.REVOKED),
        (AwardStatus.OBJECTED, AwardStatus.STANDSTILL),
        (AwardStatus.OBJECTED, AwardStatus.REVOKED),
        (AwardStatus.ACCEPTING, AwardStatus.CONFIRMED),
        (AwardStatus.ACCEPTING, AwardStatus.DECLINED),
        (AwardStatus.ACCEPTING, AwardStatus.LAPSED),
        (AwardStatus.ACCEPTING, AwardStatus.REVOKED),
    },
    OBJECTION: {
        (ObjectionStatus.OPEN, ObjectionStatus.UPHELD),
        (ObjectionStatus.OPEN, ObjectionStatus.DISMISSED),
    },
}


@pytest.mark.parametrize(
    ("table", "source", "target"),
    [(table, *pair) for table in ALLOWED for pair in table.pairs()],
    ids=lambda value: getattr(value, "name", value),
)
def test_every_pair(table, source, target):
    if (source, target) in {(str(a), str(b)) for a, b in ALLOWED[table]}:
        table.check(source, target)
        return
    with pytest.raises(Refused) as refused:
        table.check(source, target)
    assert refused.value.code == "state_conflict"
