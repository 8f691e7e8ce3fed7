"""Who may change a saved search, and who chooses for a firm of what it is told."""

from __future__ import annotations

from typing import Any

import rules

from marketplace.parties.rules import may_act_for

from .models import SavedSearch


@rules.predicate
def saved_it(user: Any, search: SavedSearch | None) -> bool:
    """Allow only the person who saved it, as long as the account is open; administrators have no business here."""
    return search is not None and getattr(user, "pk", None) == search.user_id and user.is_active


rules.add_perm("search.change_saved_search", saved_it)
rules.add_perm("search.choose_needs", may_act_for)
