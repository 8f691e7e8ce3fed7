"""Analysis: turn Chinese text into tokens, and what a person types into a query over those tokens; no database.

The same tokens feed every adapter, so all of them match alike. A run of Han characters becomes its overlapping pairs
followed by its last character alone: each character then begins exactly one token, a longer word is a phrase of
pairs and a single character is a prefix.
"""

from .meant import meant
from .nodes import TEXT, All, Analysis, Any, Node, Phrase, narrow
from .query import LONGEST_QUERY, MOST_WORDS, Meaning, analyze
from .sounds import pinyin, spellings
from .text import HAN, normalize, pairs, runs, tokens
from .vocabulary import corrections, place_words, service_words

__all__ = [
    "HAN",
    "LONGEST_QUERY",
    "MOST_WORDS",
    "TEXT",
    "All",
    "Analysis",
    "Any",
    "Meaning",
    "Node",
    "Phrase",
    "analyze",
    "corrections",
    "meant",
    "narrow",
    "normalize",
    "pairs",
    "pinyin",
    "place_words",
    "runs",
    "service_words",
    "spellings",
    "tokens",
]  # fmt: skip
