"""Reads of needs for pages, feeds and later chapters."""

from .drafting import (
    advice,
    drafts_of,
    earlier_tenders,
    find_firms,
    kept_input,
    open_questions_of,
    own_tenders,
    templates_for,
    wording,
)
from .fitting import facts_in_words, fitting_firms
from .lists import bidder_counts, facet_counts, listed, newest_tenders
from .next_step import NextStep, next_step
from .notice import Amendment, Change, amendments_of, find_tender, followers_of, shown_changes, timeline_of
from .pairs import failed_formers, pair_count
from .rule_words import criteria_in_words, minimum_in_words, rules_in_words
from .schedule import default_times, earliest_end, is_late_record, offered, sign_up_days
from .terms import label_of, selection_label, terms_of, words_of

__all__ = [
    "Amendment",
    "Change",
    "NextStep",
    "advice",
    "amendments_of",
    "bidder_counts",
    "criteria_in_words",
    "default_times",
    "drafts_of",
    "earlier_tenders",
    "earliest_end",
    "facet_counts",
    "facts_in_words",
    "failed_formers",
    "find_firms",
    "find_tender",
    "fitting_firms",
    "followers_of",
    "is_late_record",
    "kept_input",
    "label_of",
    "listed",
    "minimum_in_words",
    "newest_tenders",
    "next_step",
    "offered",
    "open_questions_of",
    "own_tenders",
    "pair_count",
    "rules_in_words",
    "selection_label",
    "shown_changes",
    "sign_up_days",
    "templates_for",
    "terms_of",
    "timeline_of",
    "wording",
    "words_of",
]
