"""Reads of choices, awards and objections, for pages, the worker and the replay."""

from .awards import awards_for_page, due_acceptances, due_awards, objections_of, rest_of_standstill
from .judging import criteria_by, judged_bidders
from .replay import finished_selections, proof_of, replay
from .selections import due_judging, due_selections

__all__ = [
    "awards_for_page",
    "criteria_by",
    "due_acceptances",
    "due_awards",
    "due_judging",
    "due_selections",
    "finished_selections",
    "judged_bidders",
    "objections_of",
    "proof_of",
    "replay",
    "rest_of_standstill",
]
