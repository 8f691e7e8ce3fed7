"""Distances: how far two places are from each other, as the crow flies."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088  # mean radius, IUGG


def kilometers(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance of two places, each latitude and longitude in degrees (haversine)."""
    (north, east), (north2, east2) = (tuple(map(radians, place)) for place in (one, other))
    half = sin((north2 - north) / 2) ** 2 + cos(north) * cos(north2) * sin((east2 - east) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))
