"""Numbers of natural persons among the codes of holders: told apart from an organization's, and masked."""

from __future__ import annotations

import re

# GB 11643: six signs of area, date of birth, three of order, check character (ISO 7064 MOD 11-2). A USCC of digits
# alone may look like one by chance; then it is treated as a person's, which hides too much rather than too little.
_NUMBER = re.compile(r"\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")


def is_person(code: str) -> bool:
    """Tell whether a holder's code has the form of an identity number."""
    return _NUMBER.fullmatch(code) is not None


def masked(code: str) -> str:
    """Return a holder's code as it may be kept and shown: of an identity number the first six signs and the last four."""
    return f"{code[:6]}********{code[-4:]}" if is_person(code) else code
