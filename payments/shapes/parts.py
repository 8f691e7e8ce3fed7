"""What all shapes share."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings


def seconds(moment: datetime | None) -> int | None:
    """Return a moment as Stripe writes it."""
    return None if moment is None else int(moment.timestamp())


def livemode() -> bool:
    """Tell whether money is real."""
    return bool(settings.PRODUCTION)


def account_id(organization_id: int | None) -> str | None:
    """Return the connected account of an organization: `acct_` and its key, 16 digits."""
    return None if organization_id is None else f"acct_{organization_id:016d}"
