"""Refusals: the one way in which an action says no, as a sentence for people and a stable code."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """Say no to a change.

    `code` is stable and for programs; `message` is a sentence in the reader's language (lazy strings are fine);
    `field` names the input that it concerns; `status` is the HTTP status that a page or API answers with.
    """

    status = 409

    def __init__(self, code: str, message: Any, *, field: str | None = None, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return str(self.message)


class Invalid(Refused):
    """Input that is wrong in itself: answered with 422."""

    status = 422


class Forbidden(Refused):
    """Somebody who may not do this: answered with 403."""

    status = 403
