"""Elasticsearch adapter: the only room that knows its client; OpenSearch answers through the same one."""

from .adapter import Elastic
from .server import READ_SECONDS, OpenSearchNode, TooDeep

__all__ = ["READ_SECONDS", "Elastic", "OpenSearchNode", "TooDeep"]
