"""Forms in Stripe's way: `a=1&b[c]=2&d[]=3&e[0]=4`, brackets raw or percent-encoded, into nested dictionaries."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_to_bytes

from .errors import ApiError

Tree = dict[str, Any]  # values are texts or trees; items of an array are keyed by their number
MAX_BODY = 1024 * 1024
MAX_FIELDS = 2000
MAX_DEPTH = 8
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def parse(*sources: bytes) -> Tree:
    """Return what query and body say. Refuses (400) bytes that are not UTF-8, names that are not names, and double values."""
    tree: Tree = {}
    pairs = [pair for source in sources for pair in source.split(b"&") if pair]
    if len(pairs) > MAX_FIELDS:
        raise ApiError(400, f"The request has more than {MAX_FIELDS} parameters.")
    for pair in pairs:
        name, _sign, value = pair.partition(b"=")
        _put(tree, _text(name), _text(value))
    return tree


def _text(raw: bytes) -> str:
    try:
        text = unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise ApiError(400, "Invalid request: the parameters are not UTF-8.") from None
    if "\0" in text:
        raise ApiError(400, "Invalid request: a parameter contains a null character.")
    return text


def _put(tree: Tree, name: str, value: str) -> None:
    shown = name[:80]
    found = _NAME.fullmatch(name)
    if not found:
        raise ApiError(400, f"Invalid parameter name: {shown}", param=shown)
    path = [found[1], *_PART.findall(found[2])]
    if len(path) > MAX_DEPTH:
        raise ApiError(400, f"Parameter nested too deeply: {shown}", param=shown)
    for step in path[:-1]:
        tree = _branch(tree, step, shown)
    last = path[-1] or str(len(tree))
    if last in tree:
        raise ApiError(400, f"Parameter given twice: {shown}", param=shown)
    tree[last] = value


def _branch(tree: Tree, step: str, shown: str) -> Tree:
    below = tree.setdefault(step or str(len(tree)), {})
    if not isinstance(below, dict):
        raise ApiError(400, f"Parameter given both as a value and as a hash: {shown}", param=shown)
    return below
