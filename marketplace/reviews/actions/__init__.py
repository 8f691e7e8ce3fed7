"""Verbs of reviews: review, reply, impose and withdraw penalties, reckon the score."""

from .credit import recompute_credit
from .penalties import MAX_FACTS, impose_penalty, withdraw_penalty
from .reviews import MAX_TEXT, MIN_TEXT, publish_review, reply_to_review

__all__ = [
    "MAX_FACTS",
    "MAX_TEXT",
    "MIN_TEXT",
    "impose_penalty",
    "publish_review",
    "recompute_credit",
    "reply_to_review",
    "withdraw_penalty",
]
