"""expand[]: put objects in place of their ids, a level at a time, each kind read in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from payments.models import ApiKey
from payments.shapes import shape

from .errors import ApiError, not_permitted
from .lookup import find_many

LEVELS = 4
# Which properties hold an id, and of what.
LINKS: dict[str, dict[str, tuple[str, ...]]] = {
    "payment_intent": {"latest_charge": ("charge",), "on_behalf_of": ("account",)},
    "charge": {
        "payment_intent": ("payment_intent",),
        "balance_transaction": ("balance_transaction",),
        "on_behalf_of": ("account",),
    },
    "refund": {
        "charge": ("charge",),
        "payment_intent": ("payment_intent",),
        "balance_transaction": ("balance_transaction",),
        "transfer_reversal": ("transfer_reversal",),
        "source_transfer_reversal": ("transfer_reversal",),
    },
    "transfer": {
        "source_transaction": ("charge",),
        "destination": ("account",),
        "balance_transaction": ("balance_transaction",),
    },
    "transfer_reversal": {
        "transfer": ("transfer",),
        "source_refund": ("refund",),
        "balance_transaction": ("balance_transaction",),
    },
    "balance_transaction": {"source": ("charge", "refund", "transfer", "transfer_reversal")},
}
PREFIXES = {
    "charge": ("py_", "ch_"),
    "payment_intent": ("pi_",),
    "account": ("acct_",),
    "balance_transaction": ("txn_",),
    "refund": ("re_",),
    "transfer": ("tr_",),
    "transfer_reversal": ("trr_",),
}
# The resource under which a restricted key reads each kind.
SCOPES = {
    "payment_intent": "payment_intents",
    "charge": "charges",
    "refund": "refunds",
    "transfer": "transfers",
    "transfer_reversal": "transfers",
    "account": "accounts",
    "balance_transaction": "balance",
}
Tree = dict[str, Any]


def plan(paths: Iterable[str], *, kind: str, is_list: bool, key: ApiKey) -> Tree:
    """Return what to expand, as a tree.

    Refuses (400) what is deeper than 4 levels and what is no reference to an object, and (403) objects that the key may not read;
    for a publishable key nothing is expanded.
    """
    wanted: Tree = {}
    for path in paths:
        steps = path.split(".")
        if is_list:
            if steps[0] != "data" or len(steps) < 2:
                raise _refuse(path)
            steps = steps[1:]
        if len(steps) > LEVELS:
            raise ApiError(
                400, f"You cannot expand more than {LEVELS} levels of a property. Property: {path}", param="expand"
            )
        level = wanted
        for step in steps:
            level = level.setdefault(step, {})
    _check(wanted, (kind,), "data." if is_list else "", key)
    return {} if key.kind == ApiKey.Kind.PUBLISHABLE else wanted


def expand(body: dict[str, Any], wanted: Mapping[str, Any]) -> None:
    """Expand `body`, an object or a list, in place."""
    if wanted:
        _fill(body["data"] if body.get("object") == "list" else [body], wanted)


def _refuse(path: str) -> ApiError:
    message = f"This property cannot be expanded ({path}). You may want to try expanding a different property."
    return ApiError(400, message, param="expand")


def _check(wanted: Tree, kinds: tuple[str, ...], so_far: str, key: ApiKey) -> None:
    """Refuse what none of the kinds has, whether or not an object is there now."""
    for step, below in wanted.items():
        fitting = tuple(found for kind in kinds for found in LINKS.get(kind, {}).get(step, ()))
        if not fitting:
            raise _refuse(f"{so_far}{step}")
        for scope in {SCOPES[found] for found in fitting}:
            if key.kind != ApiKey.Kind.PUBLISHABLE and not key.may(scope, writes=False):
                raise not_permitted(scope, writes=False)
        _check(below, fitting, f"{so_far}{step}.", key)


def _fill(bodies: list[dict[str, Any]], wanted: Mapping[str, Any]) -> None:
    for step, below in wanted.items():
        holders = [body for body in bodies if isinstance(body.get(step), str)]
        found = _read({body[step] for body in holders})
        reached = []
        for body in holders:
            if (made := found.get(body[step])) is not None:
                body[step] = dict(made)
                reached.append(body[step])
        if below:
            _fill(reached, below)


def _read(names: set[str]) -> dict[str, dict[str, Any]]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for kind, prefixes in PREFIXES.items():
            if name.startswith(prefixes):
                by_kind[kind].append(name)
    return {name: shape(row) for kind, some in by_kind.items() for name, row in find_many(kind, some).items()}
