"""Which needs the seeded world has: how far each has come, when, and how its firm is chosen."""

from __future__ import annotations

from itertools import cycle

from marketplace.tenders.models import Method

ALL = tuple(Method)
OPEN = tuple(method for method in Method if method not in {Method.DIRECT, Method.EMERGENCY})
JUDGED = (Method.SCORED, Method.MERIT, Method.CREDIT)
LIVE = (Method.LIVE_AUCTION,)
# Half of what is done was bid for live, the rest goes through every other way.
DONE = tuple(way for method in Method if method != Method.LIVE_AUCTION for way in (Method.LIVE_AUCTION, method))

# (stage, how many, days since the firm was or will be chosen, ways to choose); 120 in all.
PLAN: tuple[tuple[str, int, float, tuple[Method, ...]], ...] = (
    ("draft", 6, 0, ALL),
    ("cancelled", 5, 12, OPEN),
    ("voided", 2, 14, (Method.AVERAGE, Method.LIVE_AUCTION)),
    ("open", 18, 0, OPEN),
    ("too_few", 3, 20, OPEN),
    ("scrapped", 2, 26, (Method.DRAW, Method.QUOTES)),
    ("no_bids", 4, 28, (Method.LIVE_AUCTION, Method.BEST_PRICE)),
    ("scheduled", 4, 0, (Method.LIVE_AUCTION, Method.DRAW, Method.SCORED, Method.QUOTES)),
    ("live", 4, 0, LIVE),
    ("judging", 6, 0.1, JUDGED),
    (
        "standstill",
        7,
        0.15,
        (Method.DRAW, *LIVE, Method.AVERAGE, Method.QUOTES, Method.BEST_PRICE, *LIVE, Method.DIRECT),
    ),
    ("objected", 2, 0.2, (Method.LIVE_AUCTION, Method.DRAW)),
    ("declined", 4, 0.2, (Method.DRAW, Method.LIVE_AUCTION, Method.CREDIT, Method.QUOTES)),
    ("confirmed", 7, 8, DONE),
    ("signing", 5, 9, DONE),
    ("paid", 7, 14, DONE),
    ("delivered", 7, 25, DONE),
    ("half", 5, 37, DONE),
    ("completed", 6, 58, DONE),
    ("reviewed", 16, 88, DONE),
)


# How the seeded auctions are bid in; what is chosen already shows every way, what runs now the open one and that by rank.
CHOSEN_BY = ("open", "rank", "turns", "sealed", "open", "up")
RUNNING_BY = ("open", "rank", "open", "open")
SOLD = {"standstill", "confirmed", "signing", "completed", "reviewed"}  # a sale has no milestones to stand at
BEFORE = {"draft", "cancelled", "voided", "open", "too_few", "scrapped", "no_bids", "scheduled", "objected"}


class Kinds:
    """Deal out in which way each seeded auction is bid in."""

    def __init__(self) -> None:
        self.chosen, self.running, self.owes_sale = cycle(CHOSEN_BY), cycle(RUNNING_BY), False

    def next(self, stage: str) -> str:
        """Return the way of the next auction: a sale waits for a need that comes so far as a sale can."""
        if stage in BEFORE:
            return "open"
        if stage == "live":
            return next(self.running)
        if self.owes_sale and stage in SOLD:
            self.owes_sale = False
            return "up"
        kind = next(self.chosen)
        if kind == "up" and stage not in SOLD:
            self.owes_sale = True
            return "open"
        return kind


def planned(share: float = 1.0) -> list[tuple[str, Method]]:
    """Return the needs to make, in order, each by its stage and its method; a `share` below 1 keeps some of every stage."""
    needs, turn = [], 0
    for stage, count, _days, methods in PLAN:
        for _number in range(max(1, round(count * share))):
            needs.append((stage, methods[turn % len(methods)]))
            turn += 1
    return needs


def days_since(stage: str) -> float:
    """Return how many days ago the firm of a need at this stage was chosen."""
    return next(days for name, _count, days, _methods in PLAN if name == stage)
