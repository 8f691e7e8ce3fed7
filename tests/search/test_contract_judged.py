"""On every judged query each adapter gives the first ten and the counts of the plain reading of ranking.py, so all give the same."""

from __future__ import annotations

from search.engine import Adapter
from tests.search import judged
from tests.search.reference import Reference


def test_judged_queries_are_answered_alike(adapter: Adapter) -> None:
    from tests.search.world import world

    documents = list(world().documents)
    adapter.index(documents)
    reference = Reference(documents)
    queries = judged.contract_queries()
    assert len(queries) >= 150
    different = []
    for query in queries:
        found = adapter.search(query)
        counts = {facet: dict(values) for facet, values in found.counts.items()}
        if [hit.key for hit in found.hits][:10] != reference.keys(query)[:10] or counts != reference.counts(query):
            different.append(query.text)
    assert different == []
