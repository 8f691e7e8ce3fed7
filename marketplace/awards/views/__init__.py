"""Pages of a choice: how it runs and anybody can recompute it, the award, and the desks of those who judge."""

from .award import accept, award, decide, decline, object_to
from .choice import proof, replay, selection, verifier
from .judging import judge, pick
from .scoring import declare, dismiss, score, scorers

__all__ = [
    "accept",
    "award",
    "decide",
    "declare",
    "decline",
    "dismiss",
    "judge",
    "object_to",
    "pick",
    "proof",
    "replay",
    "score",
    "scorers",
    "selection",
    "verifier",
]
