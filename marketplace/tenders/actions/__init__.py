"""Verbs of needs: draft, publish, amend, run, end, post again; their rules, firms, documents and questions."""

from .amendments import amend_tender, amendable, check_amendment
from .documents import add_document, remove_document
from .drafts import copy_tender, repost_tender, save_draft, start_from_template, template_values, terms_copied
from .firms import avoid_firm, invite_firm, stop_avoiding, uninvite_firm
from .inputs import discard_input, keep_input
from .life import (
    award_tender,
    complete_tender,
    extend_sign_up,
    fail_tender,
    mark_contracted,
    start_selection,
)
from .publishing import cancel_tender, publish_tender, reason_given, scrap_tender, void_tender
from .questions import answer_question, ask_question
from .rule_sets import adopt_rule_set, ensure_rule_sets, frozen_rules, rule_set_for
from .terms import TERMS

__all__ = [
    "TERMS",
    "add_document",
    "adopt_rule_set",
    "amend_tender",
    "amendable",
    "answer_question",
    "ask_question",
    "avoid_firm",
    "award_tender",
    "cancel_tender",
    "check_amendment",
    "complete_tender",
    "copy_tender",
    "discard_input",
    "ensure_rule_sets",
    "extend_sign_up",
    "fail_tender",
    "frozen_rules",
    "invite_firm",
    "keep_input",
    "mark_contracted",
    "publish_tender",
    "reason_given",
    "remove_document",
    "repost_tender",
    "rule_set_for",
    "save_draft",
    "scrap_tender",
    "start_from_template",
    "start_selection",
    "stop_avoiding",
    "template_values",
    "terms_copied",
    "uninvite_firm",
    "void_tender",
]
