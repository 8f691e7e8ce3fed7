"""Factors: how well a firm and a need fit, as a pure function that anybody can recompute; no database.

What a firm lacks keeps it out; nothing else does. Neither money paid to the platform, nor clicks, nor where a firm is
registered count (公平竞争审查条例: no advantage for local firms); where it worked before does, as experience.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.reviews.scoring import level

from .weights import WEIGHTS, Weights


@dataclass(frozen=True)
class FirmFacts:
    """What is public of a firm: `lacks` is the sentence of what is in its way, or empty.

    `done` counts finished contracts by service and `done_in` by service and district; `steps` are the steps of contracts whose
    result was accepted, `steps_on_time` those handed in by the day that the contract says. `credit` is in hundredths of a point.
    """

    firm: int
    lacks: str = ""
    done: Mapping[str, int] = field(default_factory=dict)
    done_in: Mapping[tuple[str, str], int] = field(default_factory=dict)
    steps: int = 0
    steps_on_time: int = 0
    credit: int = 0


@dataclass(frozen=True)
class NeedFacts:
    """What is public of a need: its services and its district; `place` is how people call that district."""

    need: int
    services: tuple[str, ...]
    district: str = ""
    place: str = ""


@dataclass(frozen=True)
class Score:
    """Hundredths of a point, 0 to 10000, by factor, and the reasons in words; None as points where the firm may not take part."""

    points: int | None
    parts: Mapping[str, int]
    reasons: tuple[str, ...]


def score(firm: FirmFacts, need: NeedFacts, weights: Weights = WEIGHTS) -> Score:
    """Return how well a firm and a need fit, the same for both sides."""
    if firm.lacks:
        return Score(None, {}, (firm.lacks,))
    parts = parts_of(firm, need, weights)
    return Score(sum(parts.values()), parts, tuple(_reasons(firm, need)))


def parts_of(firm: FirmFacts, need: NeedFacts, weights: Weights = WEIGHTS) -> dict[str, int]:
    """Return the hundredths of a point by factor of a firm that lacks nothing: what a ranking of very many needs of score()."""
    done, done_here = _experience(firm, need)
    return {
        "experience": _part(weights.experience, min(done, weights.full_experience), weights.full_experience),
        "district": _part(weights.district, min(done_here, weights.full_district), weights.full_district),
        "on_time": _part(
            weights.on_time,
            2 * firm.steps_on_time + weights.imagined_steps,
            2 * (firm.steps + weights.imagined_steps),
        ),
        "credit": _part(weights.credit, firm.credit, 10000),
    }


def _experience(firm: FirmFacts, need: NeedFacts) -> tuple[int, int]:
    """Return how many contracts for a need's services a firm has finished, and how many of them in its district."""
    done = sum(firm.done.get(service, 0) for service in need.services)
    return done, sum(firm.done_in.get((service, need.district), 0) for service in need.services)


def _part(weight: int, reached: int, full: int) -> int:
    """Return the share of a weight in hundredths of a point, rounded down."""
    return weight * 100 * reached // full


def _reasons(firm: FirmFacts, need: NeedFacts) -> list[str]:
    done, done_here = _experience(firm, need)
    words = [_("符合这项服务的要求")]
    if done:
        words.append(ngettext("完成过 %(count)d 项这类服务", "完成过 %(count)d 项这类服务", done) % {"count": done})
    if done_here:
        given = {"count": done_here, "place": need.place}
        words.append(ngettext("其中 %(count)d 项在%(place)s", "其中 %(count)d 项在%(place)s", done_here) % given)
    if firm.steps:
        given = {"steps": firm.steps, "timely": firm.steps_on_time}
        words.append(_("交付的 %(steps)d 个节点中 %(timely)d 个按时") % given)
    words.append(
        _("信用 %(level)s 级，%(score)s 分") % {"level": level(firm.credit), "score": f"{firm.credit / 100:.1f}"}
    )
    return words


def turn(need: int, firm: int) -> str:
    """Return what decides between equal points: another order for each need, so that nobody is always the first."""
    return hashlib.sha256(f"{need}:{firm}".encode()).hexdigest()
