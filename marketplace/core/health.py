"""Health: what parts of the site that it can do without say of themselves at /healthz."""

from __future__ import annotations

from collections.abc import Callable

Standing = Callable[[], object]
_parts: dict[str, Standing] = {}


def part(name: str) -> Callable[[Standing], Standing]:
    """Register what a part says of itself, as a value for JSON. It answers within a second and raises nothing."""

    def register(function: Standing) -> Standing:
        _parts[name] = function
        return function

    return register


def standings() -> dict[str, object]:
    """Ask every part."""
    return {name: function() for name, function in _parts.items()}
