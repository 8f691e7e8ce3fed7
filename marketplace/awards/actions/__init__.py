"""What changes in the choice of a firm: the selection, its judging, the award and objections to it."""

from .awards import accept_award, confirm_award, decline_award, follow, lapse_award, propose_award, revoke_award
from .judging import (
    appoint_scorer,
    declare_no_interest,
    dismiss_scorer,
    end_judging,
    judge_offers,
    lock_marks,
    pick_firm,
    save_marks,
)
from .objections import MAX_REASON, MIN_REASON, decide_objection, object_to_award
from .selections import (
    commit_selection,
    fail_selection,
    freeze_pool,
    postpone_reveal,
    run_selection,
    stop_selection,
)

__all__ = [
    "MAX_REASON",
    "MIN_REASON",
    "accept_award",
    "appoint_scorer",
    "commit_selection",
    "confirm_award",
    "decide_objection",
    "declare_no_interest",
    "decline_award",
    "dismiss_scorer",
    "end_judging",
    "fail_selection",
    "follow",
    "freeze_pool",
    "judge_offers",
    "lapse_award",
    "lock_marks",
    "object_to_award",
    "pick_firm",
    "postpone_reveal",
    "propose_award",
    "revoke_award",
    "run_selection",
    "save_marks",
    "stop_selection",
]
