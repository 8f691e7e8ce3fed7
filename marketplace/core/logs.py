"""What the log says of answers that are nobody's fault."""

from __future__ import annotations

import logging

REFUSALS = frozenset({403, 404, 409, 422})  # a rule said no, or there is no such page: the site works


class RefusalFilter(logging.Filter):
    """Note a refusal as information; errors, and requests that are malformed, keep their level."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lower the level of Django's line about such an answer; leave it out where the log wants warnings only."""
        if getattr(record, "status_code", None) in REFUSALS and record.levelno == logging.WARNING:
            record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
            return logging.getLogger().isEnabledFor(logging.INFO)
        return True
