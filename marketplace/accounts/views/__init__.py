"""Pages of accounts."""

from .onward import safe_next

__all__ = ["safe_next"]
