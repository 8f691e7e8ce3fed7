"""State tables: what may follow what, as data from which buttons, diagrams and tests derive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db import models
from django.utils.translation import gettext as _

from .refusals import Refused

TABLES: dict[str, Table] = {}


class Table:
    """Hold the transitions of one status.

    `moves` maps a status to the statuses that may follow it, each with the verb that does it:
    ``{Status.DRAFT: {Status.OPEN: "publish_tender"}}``. A status without an entry is final.
    """

    def __init__(self, name: str, statuses: type[models.TextChoices], moves: Mapping[str, Mapping[str, str]]) -> None:
        self.name = name
        self.statuses = statuses
        self.moves = {str(source): {str(to): verb for to, verb in targets.items()} for source, targets in moves.items()}
        TABLES[name] = self

    def allows(self, source: str, target: str) -> bool:
        """Tell whether `target` may follow `source`."""
        return str(target) in self.moves.get(str(source), {})

    def check(self, source: str, target: str) -> None:
        """Refuse with `state_conflict` (409) when `target` may not follow `source`."""
        if not self.allows(source, target):
            raise Refused(
                "state_conflict",
                _("现在的状态是“%(now)s”，不能变为“%(then)s”。请刷新页面查看最新情况。")
                % {"now": self.statuses(source).label, "then": self.statuses(target).label},
            )

    def is_final(self, status: str) -> bool:
        """Tell whether nothing follows `status`."""
        return not self.moves.get(str(status))

    def transitions(self) -> Iterator[tuple[str, str, str]]:
        """Yield every (source, target, verb)."""
        for source, targets in self.moves.items():
            for target, verb in targets.items():
                yield source, target, verb

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield all (source, target) pairs, allowed or not, for the all-pairs tests."""
        for source in self.statuses.values:
            for target in self.statuses.values:
                yield source, target
