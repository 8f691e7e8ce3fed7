"""Needs, what belongs to them, and the versioned rules under which they run."""

from .choices import FIXED_PRICE, NAMED, SEALED, WITH_PLAN, AuctionDirection, AuctionMode, Method, MoneyKind
from .parts import Avoidance, Invitation, Question, TenderDocument, TenderTemplate, TermsInput
from .rule_sets import NumberSeries, RuleSet
from .tender import MARKS, Tender, TenderQuerySet

__all__ = [
    "FIXED_PRICE",
    "MARKS",
    "NAMED",
    "SEALED",
    "WITH_PLAN",
    "AuctionDirection",
    "AuctionMode",
    "Avoidance",
    "Invitation",
    "Method",
    "MoneyKind",
    "NumberSeries",
    "Question",
    "RuleSet",
    "Tender",
    "TenderDocument",
    "TenderQuerySet",
    "TenderTemplate",
    "TermsInput",
]
