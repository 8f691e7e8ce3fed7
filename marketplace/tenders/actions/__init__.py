"""Verbs of needs: draft, publish, run, end; their rules, documents and questions."""

from .documents import add_document, remove_document
from .drafts import save_draft
from .life import (
    award_tender,
    cancel_tender,
    complete_tender,
    extend_sign_up,
    fail_tender,
    mark_contracted,
    publish_tender,
    start_selection,
)
from .questions import answer_question, ask_question
from .rule_sets import ensure_rule_sets, frozen_rules, rule_set_for

__all__ = [
    "add_document",
    "answer_question",
    "ask_question",
    "award_tender",
    "cancel_tender",
    "complete_tender",
    "ensure_rule_sets",
    "extend_sign_up",
    "fail_tender",
    "frozen_rules",
    "mark_contracted",
    "publish_tender",
    "remove_document",
    "rule_set_for",
    "save_draft",
    "start_selection",
]
