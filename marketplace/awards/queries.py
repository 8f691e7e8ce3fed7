"""Reads for the pages of a result: the award with its firms named, and its explanation in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from marketplace.bidding.models import Bidder
from marketplace.core.money import format_yuan
from marketplace.parties.models import Organization

from .models import Award, Objection
from .states import AwardStatus


@dataclass(frozen=True)
class NamedPlace:
    """One row of the published result: the masked label, and who it was."""

    rank: int
    label: str
    organization: Organization | None
    amount_fen: int
    sequence: int
    offers: int
    reason: str
    is_winner: bool


def awards_for_page() -> QuerySet[Award]:
    """Return awards with all that their page names."""
    return Award.objects.select_related("tender__process", "tender__buyer", "tender__service", "organization", "bidder")


def due_awards(now: datetime) -> QuerySet[Award]:
    """Return the awards whose standstill is over."""
    return Award.objects.filter(status=AwardStatus.STANDSTILL, standstill_ends_at__lte=now).order_by(
        "standstill_ends_at", "pk"
    )


def places(award: Award) -> list[NamedPlace]:
    """Return the ranking with real names: from the proposal on, prices and names of all are public."""
    firms = {row.label: row for row in Bidder.objects.filter(tender=award.tender_id).select_related("organization")}
    return [
        NamedPlace(
            rank=row["rank"],
            label=row["firm"],
            organization=firms[row["firm"]].organization if row["firm"] in firms else None,
            amount_fen=row["amount_fen"],
            sequence=row["sequence"],
            offers=row["offers"],
            reason=reason_in_words(row["reason"]),
            is_winner=row["firm"] == award.bidder.label,
        )
        for row in award.explanation.get("places", [])
    ]


def reason_in_words(reason: str) -> str:
    """Say why a firm stands where it stands."""
    return {
        "lowest": _("报价最低"),
        "lowest_earlier": _("报价同为最低，提交在先"),
        "same_later": _("报价同为最低，提交在后"),
        "higher": _("报价高于最低价"),
        "no_offer": _("报名后没有报价"),
    }.get(reason, "")


def explanation_in_words(explanation: dict[str, Any]) -> str:
    """Say in one sentence why the winner was chosen."""
    values = {
        "firm": explanation.get("firm", ""),
        "amount": format_yuan(int(explanation.get("amount_fen", 0))),
        "sequence": explanation.get("sequence", 0),
        "firms": explanation.get("firms", 0),
        "offers": explanation.get("offers", 0),
    }
    sentence = {
        "lowest": _(
            "%(firms)s 家机构参加，共 %(offers)s 次有效报价；%(firm)s的第 %(sequence)s 号报价 %(amount)s 元最低，按最低价规则中选。"
        ),
        "lowest_earlier": _(
            "%(firms)s 家机构参加，共 %(offers)s 次有效报价；最低价 %(amount)s 元不止一家，%(firm)s的第 %(sequence)s 号报价在先，中选。"
        ),
        "only_offer": _(
            "%(firms)s 家机构参加，共 %(offers)s 次有效报价；只有 %(firm)s 报价，其最低报价 %(amount)s 元有效，按规则中选。"
        ),
    }.get(str(explanation.get("code")), _("没有有效报价，没有机构中选。"))
    return sentence % values


def rest_of_standstill(award: Award) -> timedelta:
    """Return how much of the standstill was left when an objection stopped the clock."""
    if award.clock_stopped_at is None:
        return timedelta()
    return max(award.standstill_ends_at - award.clock_stopped_at, timedelta())


def objections_of(award: Award) -> QuerySet[Objection]:
    """Return the objections to an award, newest first."""
    return award.objections.select_related("organization", "by").order_by("-at", "-pk")
