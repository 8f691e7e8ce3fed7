"""Who may change the catalogue."""

from __future__ import annotations

from typing import Any

import rules


@rules.predicate
def may_curate(user: Any) -> bool:
    """Allow administrators."""
    return bool(getattr(user, "is_staff", False) and user.is_active)


rules.add_perm("catalog.curate", may_curate)
