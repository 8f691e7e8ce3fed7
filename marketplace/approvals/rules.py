"""Who may see what the approval platform was told."""

from __future__ import annotations

from typing import Any

import rules

from marketplace.parties.access import is_member

from .models import Push


@rules.predicate
def is_push_owner(user: Any, push: Push | None) -> bool:
    """Tell whether somebody acts for the owner of the need that a message is about."""
    return push is not None and is_member(user, push.tender.buyer)


@rules.predicate
def is_staff(user: Any) -> bool:
    """Tell whether somebody is an administrator."""
    return bool(getattr(user, "is_staff", False))


rules.add_perm("approvals.view_push", is_push_owner | is_staff)
rules.add_perm("approvals.retry_push", is_push_owner | is_staff)
