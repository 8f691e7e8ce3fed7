"""The legal payment date 法定付款期限: a pure function from who owes and what happened to the day by which the firm must be paid.

Source: 《保障中小企业款项支付条例》 (State Council order 728 of 2020, revised by order 802, in force since 1 June 2025), its chapter
on payment: public bodies pay within 30 days of delivery, by agreement within 60 at most; large enterprises within 60 days
of delivery, by agreement otherwise; where payment waits for an acceptance, the period begins on the day of acceptance, and
on the last day of the agreed acceptance period when the acceptance is delayed. Bodies that live on public money are
treated as public ones (its supplementary provisions).

What we decided: the marketplace does not ask whether an enterprise is large or a firm small, so an enterprise is counted as
large and every firm as protected; the day counted is never later than the law allows. Natural persons, sole traders,
cooperatives and others are outside the regulation: no date. A last day that is a holiday is not moved to the next day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from marketplace.parties.models import Organization

PUBLIC_DAYS, MOST_PUBLIC_DAYS, ENTERPRISE_DAYS = 30, 60, 60
NEAR_DAYS, LAST_DAYS = 10, 3
Kind = Organization.Kind


class Stage(StrEnum):
    """How near the date is: more than ten days, ten or less, three or less, past."""

    LATER = "later"
    NEAR = "near"
    LAST = "last"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Term:
    """Be a payment period: the day it begins (not counted), its length in calendar days, and its last day."""

    begins_on: date
    days: int
    due_on: date

    def days_left(self, today: date) -> int:
        """Return how many days are left after today; negative when the date is past."""
        return (self.due_on - today).days

    def stage(self, today: date) -> Stage:
        """Tell how near the date is."""
        left = self.days_left(today)
        if left < 0:
            return Stage.OVERDUE
        return Stage.LAST if left <= LAST_DAYS else Stage.NEAR if left <= NEAR_DAYS else Stage.LATER


def period_days(payer_kind: str, agreed_days: int | None = None) -> int | None:
    """Return the days that the law leaves this kind of payer, `agreed_days` being what the contract says; None outside it."""
    if payer_kind in {Kind.PUBLIC_BODY, Kind.SOCIAL}:
        return min(agreed_days, MOST_PUBLIC_DAYS) if agreed_days is not None else PUBLIC_DAYS
    if payer_kind == Kind.ENTERPRISE:
        return agreed_days if agreed_days is not None else ENTERPRISE_DAYS
    return None


def payment_term(
    *, payer_kind: str, accept_by: date, accepted_on: date | None = None, agreed_days: int | None = None
) -> Term | None:
    """Return the payment period of a result that was delivered, or None for a payer outside the regulation.

    `accept_by` is the last day of the acceptance period that the contract grants, `accepted_on` the day of acceptance,
    None while it is awaited; the period begins on the earlier of the two.
    """
    days = period_days(payer_kind, agreed_days)
    if days is None:
        return None
    begins = accept_by if accepted_on is None else min(accepted_on, accept_by)
    return Term(begins, days, begins + timedelta(days=days))
