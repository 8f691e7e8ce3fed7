"""Standing: how the search server stands, for /healthz, and what the worker does about it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from marketplace.core.health import part
from marketplace.core.worker import due


@part("search")
def standing() -> dict[str, object]:
    """Say which engine answers and how much the server is owed; without a server the embedded one is all there is."""
    if not settings.ELASTICSEARCH_URL:
        return {"engine": "embedded", "answers": True}
    from .fallback import WithFallback

    return WithFallback().standing()


@due("search_server")
def bring_over(now: datetime) -> int:
    """Bring to the search server what it is owed, once it answers again."""
    if not settings.ELASTICSEARCH_URL:
        return 0
    from .fallback import WithFallback

    return WithFallback().try_again()
