"""Start a throw-away PostgreSQL from Debian's binaries: `ops/postgres.py run -- command…`.

The command sees DB=postgres and PGHOST, PGPORT, PGUSER, PGDATABASE. A server named by PGHOST already is used as it is.
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers import Unavailable, child, free_port, identity, main, scratch, wait_for

# Nothing here survives the run, so nothing waits for the disk.
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
LACKING = "no server binaries under /usr/lib/postgresql. On Debian: apt-get install postgresql"


def binaries() -> Path:
    """Return the folder with the newest initdb and postgres."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found:
        raise Unavailable(LACKING)
    return max(found, key=lambda path: float(path.parent.name))


@contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """Give the environment of a running server; stop and remove it at the end."""
    if os.environ.get("PGHOST"):
        yield {"DB": "postgres"}
        return
    folder_of_binaries = binaries()
    who = identity("postgres")
    with scratch("marketplace-postgres-", who) as folder:
        cluster, port = folder / "cluster", free_port()
        made = subprocess.run(
            [folder_of_binaries / "initdb", "-D", cluster, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
             "--locale=C.UTF-8", "--no-sync"],
            cwd=folder, capture_output=True, text=True, check=False, **who,
        )  # fmt: skip
        if made.returncode:
            raise Unavailable(f"initdb failed: {made.stderr.strip()}")
        command = [str(folder_of_binaries / "postgres"), "-D", str(cluster), "-p", str(port), "-h", "127.0.0.1"]
        command += ["-k", str(folder)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with child(command, folder=folder, who=who, end=signal.SIGINT) as process:
            wait_for(process, port, folder=folder, name="PostgreSQL")
            yield {
                "DB": "postgres",
                "PGHOST": "127.0.0.1",
                "PGPORT": str(port),
                "PGUSER": "postgres",
                "PGDATABASE": "postgres",
            }


if __name__ == "__main__":
    main("PostgreSQL", postgres, "ops/postgres.py run -- command…")
