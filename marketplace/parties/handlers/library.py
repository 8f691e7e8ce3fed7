"""The licence library: changes are followed as they come, every certificate is held against it once a day."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.utils import translation

from marketplace.core.refusals import Refused
from marketplace.core.worker import due

from ..actions.library import follow_changes, verify_certificates
from .messages import LANGUAGE

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 60  # between two attempts after the library did not answer


@due("licence_changes")
def changes(now: datetime) -> int:
    """Follow what the library says has changed: a cancelled certificate counts no more the same minute."""
    return _ask("changes", follow_changes, now)


@due("licence_verification")
def verification(now: datetime) -> int:
    """Hold the certificates of the library against it, each once a day."""
    return _ask("verification", verify_certificates, now)


def _ask(name: str, question: Callable[..., int], now: datetime) -> int:
    """Ask unless the library is absent, or was down a minute ago."""
    if not settings.LICENCE_LIBRARY_URL or cache.get(f"licence-library-down:{name}"):
        return 0
    try:
        with translation.override(LANGUAGE):
            return question(now=now)
    except Refused as refused:
        logger.warning("licence library: %s", refused.code)
        cache.set(f"licence-library-down:{name}", 1, PAUSE_SECONDS)
        return 0
