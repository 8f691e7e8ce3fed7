"""Reads of needs for pages, feeds and later chapters."""

from .drafting import advice, default_times, drafts_of, open_questions_of, own_tenders, wording
from .lists import bidder_counts, facet_counts, listed, newest_tenders
from .notice import NextStep, find_tender, next_step, rules_in_words, terms_of, timeline_of

__all__ = [
    "NextStep",
    "advice",
    "bidder_counts",
    "default_times",
    "drafts_of",
    "facet_counts",
    "find_tender",
    "listed",
    "newest_tenders",
    "next_step",
    "open_questions_of",
    "own_tenders",
    "rules_in_words",
    "terms_of",
    "timeline_of",
    "wording",
]
