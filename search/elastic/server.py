"""Server: the client for an address, and what of its failures means that the index is unavailable.

`ELASTICSEARCH_URL` is ``http://host:9200`` or ``https://user:word@host:9200``; ``opensearch+http://…`` sends headers that
OpenSearch takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from elastic_transport import HttpHeaders, TransportError, Urllib3HttpNode
from elastic_transport._node._base import NodeApiResponse
from elastic_transport.client_utils import DEFAULT, DefaultType
from elasticsearch import ApiError, Elasticsearch, NotFoundError

from ..engine import Unavailable

READ_SECONDS = 0.3
WRITE_SECONDS = 10.0
DEEPEST = 10_000  # hits that the server leafs through; the size of its window unless an index says otherwise
FAILURES = (TransportError, ApiError)
RUBBISH = (KeyError, IndexError, TypeError, AttributeError, ValueError)


class TooDeep(Unavailable):
    """The page lies deeper than the server leafs; the server itself is well."""


class OpenSearchNode(Urllib3HttpNode):
    """Speak to OpenSearch: plain media types in requests, the product's name in answers."""

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> NodeApiResponse:
        sent = HttpHeaders(headers or {})
        for name in ("accept", "content-type"):
            if "compatible-with" in (sent.get(name) or ""):
                sent[name] = "application/x-ndjson" if "ndjson" in sent[name] else "application/json"
        answer = super().perform_request(method, target, body=body, headers=sent, request_timeout=request_timeout)
        answer.meta.headers["x-elastic-product"] = "Elasticsearch"
        return answer


@lru_cache(maxsize=8)
def client(url: str) -> Elasticsearch:
    """Return the client for an address; it keeps its connections."""
    is_opensearch = url.startswith("opensearch+")
    return Elasticsearch(
        url.removeprefix("opensearch+"), node_class=OpenSearchNode if is_opensearch else Urllib3HttpNode, max_retries=0
    )


@contextmanager
def answering() -> Iterator[None]:
    """Turn every failure of the server into Unavailable."""
    try:
        yield
    except NotFoundError as error:
        raise Unavailable("the index is not there yet") from error
    except FAILURES as error:
        raise Unavailable(str(error)) from error


@contextmanager
def understood() -> Iterator[None]:
    """Turn an answer that is not what was asked for into Unavailable: something else speaks at that address."""
    try:
        yield
    except RUBBISH as error:
        raise Unavailable(f"the server's answer makes no sense: {error!r}") from error
