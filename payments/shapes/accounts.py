"""Account in Stripe's shape: a firm of the marketplace as a connected account."""

from __future__ import annotations

from typing import Any

from marketplace.parties.models import Organization
from marketplace.parties.states import OrganizationStatus

from .parts import account_id, seconds


def account(firm: Organization) -> dict[str, Any]:
    """Return a firm. Entry is the marketplace's, so there is nothing to fill in here; no personal data goes out."""
    is_active = firm.status == OrganizationStatus.ACTIVE
    state = "active" if is_active else "inactive"
    return {
        "id": account_id(firm.pk),
        "object": "account",
        "business_profile": {"name": firm.public_name, "url": None, "support_email": None, "support_phone": None},
        "business_type": "individual" if firm.kind == Organization.Kind.PERSON else "company",
        "capabilities": {"transfers": state},
        "charges_enabled": False,
        "country": "CN",
        "created": seconds(firm.entered_at),
        "default_currency": "cny",
        "details_submitted": True,
        "email": None,
        "metadata": {"uscc": firm.uscc} if firm.uscc else {},
        "payouts_enabled": is_active,
        "type": "custom",
    }
