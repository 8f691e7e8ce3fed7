"""Who may read which message."""

from __future__ import annotations

from typing import Any

import rules

from .models import Message


@rules.predicate
def may_read_message(user: Any, message: Message) -> bool:
    """Allow only the person whom it tells."""
    return getattr(user, "pk", None) is not None and user.pk == message.user_id


rules.add_perm("accounts.read_message", may_read_message)
