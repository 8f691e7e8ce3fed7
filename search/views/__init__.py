"""Pages of search: results with facets, suggestions while somebody types, and the visitor's own last searches."""

from .results import search
from .suggestions import forget_recent, suggest

__all__ = ["forget_recent", "search", "suggest"]
