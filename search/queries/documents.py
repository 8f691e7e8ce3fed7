"""Reads about documents by their keys: whose they are, and which the public may still see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from wagtail.models import Page

from marketplace.tenders.models import Tender
from search.documents import Kind
from search.sources import firms, services, tenders


def _numbers(keys: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for key in keys:
        kind, _colon, number = key.partition(":")
        found[kind].append(int(number))
    return found


def public_keys(keys: Iterable[str]) -> set[str]:
    """Return those of the keys whose documents everybody may see now; what is in the index is never more."""
    rows = {
        Kind.TENDER: tenders(),
        Kind.FIRM: firms(),
        Kind.SERVICE: services(),
        Kind.NOTICE: Page.objects.live().public().filter(depth__gt=2),
    }
    return {
        f"{kind}:{pk}"
        for kind, numbers in _numbers(keys).items()
        for pk in rows[Kind(kind)].filter(pk__in=numbers).values_list("pk", flat=True)
    }


def owners_of(keys: Iterable[str]) -> dict[str, int]:
    """Return by key the organization whose own a document is: a firm itself, a need's owner; others belong to nobody."""
    numbers = _numbers(keys)
    found = {f"{Kind.FIRM}:{pk}": pk for pk in numbers[Kind.FIRM]}
    bought = Tender.objects.filter(pk__in=numbers[Kind.TENDER]).values_list("pk", "buyer")
    return found | {f"{Kind.TENDER}:{pk}": buyer for pk, buyer in bought}
