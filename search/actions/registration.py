"""Keep the index's list of saved searches in step with the rows."""

from __future__ import annotations

import logging

from search.engine import Unavailable, connect
from search.models import SavedSearch
from search.queries.saved import query_of
from search.states import SavedStatus

logger = logging.getLogger(__name__)


def register(*, number: int) -> bool:
    """Let the index watch a saved search, or forget it, as its row says now; say whether the index has taken it.

    For after the commit, and again by the worker for what the index did not take. Doing it twice changes nothing.
    """
    row = SavedSearch.objects.select_related("user").filter(pk=number).first()
    index = connect()
    try:
        if row is not None and row.status == SavedStatus.ACTIVE and row.user.is_active:
            index.watch(number, query_of(row))
        else:
            index.unwatch(number)
    except Unavailable:
        logger.warning("saved search %d could not be registered; the worker tries again", number)
        return False
    if row is not None:  # whoever changed it meanwhile registers it anew
        SavedSearch.objects.filter(pk=number, status=row.status).update(is_watched=True)
    return True
