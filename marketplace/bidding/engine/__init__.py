"""The rules of live bidding as plain functions: terms, a state and a bid in, an accepted bid or a refusal out.

No database, no clock and no framework here: whoever holds the auction's lock reads its state, asks, and writes what is
answered. The rules are R1 to R7, R11 and R12 of the auction facts; docs/bidding.md tells them to readers.
"""

from .decisions import Accepted, Refusal, State, take
from .proxies import Proxy, answer
from .terms import Direction, Mode, Terms
from .turns import Turn, Turns, order_of_round, whose_turn

__all__ = [
    "Accepted",
    "Direction",
    "Mode",
    "Proxy",
    "Refusal",
    "State",
    "Terms",
    "Turn",
    "Turns",
    "answer",
    "order_of_round",
    "take",
    "whose_turn",
]
