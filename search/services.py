"""Services by words, for lists of earlier chapters that a setting leads here: SERVICE_FINDER."""

from __future__ import annotations

from dataclasses import replace

from marketplace.catalog.models import ServiceCategory

from . import lexicon
from .analysis import LONGEST_QUERY
from .documents import Kind
from .engine import Unavailable, connect

MOST = 500


def codes_found(words: str) -> list[str]:
    """Return the codes of the services that the site's search finds, best first: by synonyms, pinyin, initials, with a slip.

    Nothing while the index is silent.
    """
    text = words.replace("\x00", "").strip()[:LONGEST_QUERY]
    if not text:
        return []
    query = replace(lexicon.read().query(text), chosen={"kind": (Kind.SERVICE,)}, per_page=MOST)
    try:
        hits = connect().search(query).hits
    except Unavailable:
        return []
    keys = [int(hit.key.partition(":")[2]) for hit in hits]
    codes = dict(ServiceCategory.objects.filter(pk__in=keys).values_list("pk", "code"))
    return [codes[key] for key in keys if key in codes]
