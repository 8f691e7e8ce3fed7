"""Weights: how much each factor counts, as versioned data that the page of factors publishes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Weights:
    """Say what each factor counts at most, in points that make 100 together, and how much of a thing is all of it.

    `full_experience` contracts for the service, `full_district` of them in the district, are full marks. A record of times
    begins with `imagined_steps` steps of which half were in time, so that a new firm stands in the middle.
    """

    version: str
    experience: int
    district: int
    on_time: int
    credit: int
    full_experience: int
    full_district: int
    imagined_steps: int


WEIGHTS = Weights(
    version="2026-1",
    experience=35,
    district=15,
    on_time=25,
    credit=25,
    full_experience=3,
    full_district=2,
    imagined_steps=2,
)
