"""Standing: how the licence library answered last, for /healthz."""

from __future__ import annotations

from django.conf import settings

from marketplace.core.health import part

from .queries import last_reading
from .states import Outcome


@part("licence_library")
def standing() -> dict[str, object]:
    """Say whether the library answered when it was last asked, by whichever process; /healthz itself asks nothing."""
    if not settings.LICENCE_LIBRARY_URL:
        return {"connected": False}
    last = last_reading()
    if last is None:
        return {"connected": True, "answers": None}
    return {"connected": True, "answers": last.outcome != Outcome.UNAVAILABLE, "asked_at": last.at.isoformat()}
