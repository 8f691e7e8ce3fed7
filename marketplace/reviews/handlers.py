"""What the record does by itself: penalties for awards given up, and scores that recover when penalties age."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from marketplace.awards.models import Award
from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.worker import due
from marketplace.tenders.models import NAMED

from .actions import impose_penalty, recompute_credit
from .penalty_codes import GIVE_UP
from .queries import aged_scores


@on("award_declined", "award_lapsed")
def penalize_give_up(event: Event) -> None:
    """Put a given-up award on the firm's record, once.

    A firm that the owner named (direct, emergency) never asked for the work and owes no reason for leaving it.
    """
    award = Award.objects.select_related("tender", "organization").get(pk=event.data["award"])
    if award.tender.method in NAMED:
        return
    values = {"number": award.tender.number, "title": award.tender.title, "reason": award.end_reason.rstrip("。")}
    if event.name == "award_lapsed":
        text = _("%(number)s“%(title)s”中选后逾期没有确认承接。")
    else:
        text = _("%(number)s“%(title)s”中选后放弃承接，理由：%(reason)s。")
    impose_penalty(
        organization=award.organization, code=GIVE_UP, text=text % values, award=award, by=None, now=event.at
    )


@due("credit")
def recompute_aged(now: datetime) -> int:
    """Recompute the scores for which a penalty has ceased to count."""
    rows = list(aged_scores(now)[:500])
    for organization in rows:
        recompute_credit(organization=organization, now=now)
    return len(rows)
