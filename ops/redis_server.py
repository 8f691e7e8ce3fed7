"""Start a throw-away Redis from Debian's package: `ops/redis_server.py run -- command…`; the command sees REDIS_URL."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from servers import Unavailable, child, free_port, identity, main, scratch, wait_for


@contextmanager
def redis() -> Iterator[dict[str, str]]:
    """Give the environment of a running server that keeps nothing on disk; stop it at the end."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise Unavailable("no redis-server on the path. On Debian: apt-get install redis-server")
    who = identity("redis")
    with scratch("marketplace-redis-", who) as folder:
        port = free_port()
        command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with child(command, folder=folder, who=who, end=signal.SIGTERM) as process:
            wait_for(process, port, folder=folder, name="Redis")
            yield {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}


if __name__ == "__main__":
    main("Redis", redis, "ops/redis_server.py run -- command…")
