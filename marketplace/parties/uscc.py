"""What the 统一社会信用代码 of a party says of it; the code itself is checked in marketplace.core.uscc."""

from __future__ import annotations

from marketplace.core.uscc import ALPHABET, LENGTH, WEIGHTS, check_digit, check_uscc, make_uscc, normalise

__all__ = ("ALPHABET", "LENGTH", "WEIGHTS", "check_digit", "check_uscc", "kind_of", "make_uscc", "normalise")

# First two signs (registration authority and kind of body) to Organization.Kind; the authority's own default last.
_KINDS = {
    "11": "public_body",
    "12": "public_body",
    "13": "social",
    "91": "enterprise",
    "92": "sole_trader",
    "93": "cooperative",
    "5": "social",
    "N": "cooperative",
    "A": "public_body",
}


def kind_of(code: str) -> str:
    """Return the kind of organization (Organization.Kind) that a normalised code speaks of."""
    return _KINDS.get(code[:2]) or _KINDS.get(code[:1]) or "other"
