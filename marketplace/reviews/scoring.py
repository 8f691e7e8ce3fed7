"""The credit score: a pure function from reviews and penalties to hundredths of a point, for anybody to recompute."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

START = 8000  # hundredths: every firm begins at 80.00
PRIOR = 5  # imagined reviews at START, so that one review makes no 100 and no 20
HALF_LIFE_DAYS = 365
WEIGHTS = {"owners": 50, "departments": 30, "conduct": 20}  # percent
COUNTED_MONTHS = 12  # how long a penalty counts
UNIT = 1_000_000  # weights of reviews are whole millionths, so that the sum is exact


@dataclass(frozen=True, slots=True)
class Rating:
    """One review: five dimensions of 1 to 5 stars each, and when."""

    quality: int
    timeliness: int
    attitude: int
    price: int
    conduct: int
    at: datetime

    @property
    def hundredths(self) -> int:
        """Give the mean of the five in hundredths of a point: one star is 2000, five are 10000."""
        return (self.quality + self.timeliness + self.attitude + self.price + self.conduct) * 400


@dataclass(frozen=True, slots=True)
class Deduction:
    """One penalty: whole points, and when it was imposed."""

    points: int
    at: datetime


def add_months(moment: datetime, months: int) -> datetime:
    """Return the same day and time some calendar months later, or the month's last day where it has no such day."""
    years, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(years, month + 1)[1])
    return moment.replace(year=years, month=month + 1, day=day)


def counts_until(at: datetime) -> datetime:
    """Return the moment from which on a penalty imposed at `at` no longer counts."""
    return add_months(at, COUNTED_MONTHS)


def weight(age_days: int) -> int:
    """Return what a review of that age weighs, in millionths: half of it after a year, a quarter after two."""
    return round(UNIT * 0.5 ** (max(age_days, 0) / HALF_LIFE_DAYS))


def owners_part(ratings: Iterable[Rating], now: datetime) -> int:
    """Return the owners' part in hundredths, 0 to 10000: (PRIOR·80 + Σ w·r) / (PRIOR + Σ w), halves rounded up."""
    total, points = PRIOR * UNIT, PRIOR * UNIT * START
    for rating in ratings:
        part = weight((now - rating.at).days)
        total += part
        points += part * rating.hundredths
    return (2 * points + total) // (2 * total)


def credit_score(
    ratings: Iterable[Rating],
    now: datetime,
    *,
    departments: int = START,
    conduct: int = START,
    deductions: Iterable[Deduction] = (),
) -> int:
    """Return a firm's score in hundredths of a point, 0 to 10000.

    score = 50 % owners' reviews + 30 % checks by the industry department + 20 % conduct on the platform, each from 0
    to 100, less the points of the penalties of the last 12 months. The owners' part is a mean of the reviews that halves
    their weight every 12 months and is drawn to the start value 80 by five imagined reviews (Bayesian shrink). The two
    other parts are 80 until they are known. Levels: A from 90, B from 75, C from 60, D below.
    """
    parts = {"owners": owners_part(ratings, now), "departments": departments, "conduct": conduct}
    total = sum(WEIGHTS[name] * part for name, part in parts.items())
    lost = sum(one.points for one in deductions if now < counts_until(one.at))
    return max((total + 50) // 100 - 100 * lost, 0)


def level(score: int) -> str:
    """Return the letter of a score in hundredths."""
    return next((letter for letter, least in (("A", 9000), ("B", 7500), ("C", 6000)) if score >= least), "D")
