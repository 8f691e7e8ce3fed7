"""Rebuild the embedded index with a number of documents and print how fast that was and what memory it took.

`python -m tests.benchmarks.search_rebuild COUNT`: a process of its own, so that only the rebuild's memory is counted.
"""

import json
import os
import sys
import time
from itertools import islice
from pathlib import Path

import django


def rebuild(count: int) -> dict[str, float]:
    """Fill a new generation and let it answer; documents are made on the way, and the time that takes is measured apart."""
    from search.embedded import Embedded
    from tests.benchmarks.search_world import documents

    begun = time.perf_counter()
    made = sum(1 for _document in documents(count))
    making = time.perf_counter() - begun
    index, rest = Embedded(), documents(count)
    begun = time.perf_counter()
    name = index.begin()
    while batch := list(islice(rest, 500)):
        index.index(batch, into=name)
    assert sum(index.count(name).values()) == made
    index.swap(name)
    took = time.perf_counter() - begun - making
    return {"per_second": made / took, "peak_mb": peak_bytes() / 1e6}


def peak_bytes() -> int:
    """Return the most memory that this process held; what getrusage says begins with the memory of who started it."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return 1024 * int(line.split()[1])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    django.setup()
    print(json.dumps(rebuild(int(sys.argv[1]))))
