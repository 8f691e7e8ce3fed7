"""Other engines that answer the same questions: tantivy with our tokens and our ladder, Wagtail's search of the database."""

import re
from collections.abc import Iterable
from typing import Any

import tantivy

from search.analysis import All as AllOf
from search.analysis import Any as AnyOf
from search.analysis import Node, Phrase, pinyin, tokens
from search.documents import Document
from search.engine import STEPS, Query
from tests.benchmarks.search_world import SAME

FACETS = ("kind", "region", "service")
WEIGHTS = {"title": 5.0, "body": 1.0, "syllables": 2.5, "initials": 1.5}


class Tantivy:
    """Hold documents in a folder; the same tokens, separated by spaces."""

    def __init__(self, folder: str) -> None:
        builder = tantivy.SchemaBuilder()
        for field in WEIGHTS:
            builder.add_text_field(field, tokenizer_name="whitespace")
        for field in FACETS:
            builder.add_text_field(field, tokenizer_name="raw", fast=True)
        builder.add_text_field("key", tokenizer_name="raw", stored=True)
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema, path=folder)

    def fill(self, documents: Iterable[Document]) -> None:
        writer = self.index.writer(heap_size=128_000_000, num_threads=1)
        for document in documents:
            syllables, initials = pinyin(document.title)
            facets = document.facets
            row = {
                "title": " ".join(tokens(document.title)), "body": " ".join(tokens(document.body)),
                "syllables": " ".join(syllables), "initials": " ".join(initials), "key": document.key,
                **{field: list(facets[field]) for field in FACETS},
            }  # fmt: skip
            writer.add_document(tantivy.Document.from_dict(row, self.schema))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def search(self, text: str, places: frozenset[str], limit: int = 20) -> tuple[list[str], int]:
        """Return the keys of the best and the number of all, after counting three facets as well."""
        analysis, searcher = Query(text, places=places, meaning=SAME).analysis, self.index.searcher()
        for step in STEPS:
            node = getattr(analysis, step)
            if node is None:
                continue
            query = self._query(node)
            found = searcher.search(query, limit, count=True)
            if found.hits:
                searcher.aggregate(query, {field: {"terms": {"field": field, "size": 100}} for field in FACETS})
                return [searcher.doc(address)["key"][0] for _score, address in found.hits], found.count
        return [], 0

    def _query(self, node: Node) -> tantivy.Query:
        if isinstance(node, AnyOf):
            return tantivy.Query.disjunction_max_query([self._query(part) for part in node.parts], 0.3)
        if isinstance(node, AllOf):
            return tantivy.Query.boolean_query([(tantivy.Occur.Must, self._query(part)) for part in node.parts])
        return tantivy.Query.disjunction_max_query([self._field(node, field) for field in node.fields], 0.3)

    def _field(self, node: Phrase, field: str) -> tantivy.Query:
        words: list[Any] = list(node.tokens)
        if node.is_prefix and len(words) == 1:
            query = tantivy.Query.regex_query(self.schema, field, re.escape(words[0]) + ".*")
        elif node.is_prefix:
            query = tantivy.Query.phrase_prefix_query(self.schema, field, words)
        elif len(words) == 1:
            query = tantivy.Query.term_query(self.schema, field, words[0])
        else:
            query = tantivy.Query.phrase_query(self.schema, field, words)
        return tantivy.Query.boost_query(query, WEIGHTS[field])


class Wagtail:
    """Hold the documents as pages below the root, found by Wagtail's search of the database."""

    def fill(self, documents: Iterable[Document]) -> None:
        from django.contrib.contenttypes.models import ContentType
        from django.core.management import call_command
        from wagtail.models import Locale, Page

        root = Page.objects.filter(depth=1).first() or Page.add_root(instance=Page(title="Root", slug="root"))
        kind, locale = ContentType.objects.get_for_model(Page), Locale.objects.first()
        step, first, rows = Page.steplen, root.get_children().count() + 1, []
        for at, document in enumerate(documents, first):
            path = Page._get_path(root.path, 2, at)
            assert len(path) == 2 * step
            rows.append(
                Page(
                    path=path, depth=2, title=document.title[:255], slug=document.key.replace(":", "-"), url_path=f"/{document.key}/",
                    search_description=document.body, content_type=kind, locale=locale, draft_title=document.title[:255],
                )
            )  # fmt: skip
        Page.objects.bulk_create(rows, batch_size=500)
        call_command("update_index", chunk_size=1000, verbosity=0)

    def search(self, text: str, limit: int = 20) -> tuple[list[str], int]:
        """Return the keys of the best and the number of all; Wagtail's search counts no facets of pages."""
        from wagtail.models import Page

        found = Page.objects.search(text)
        return [page.slug.replace("-", ":", 1) for page in found[:limit]], found.count()
