"""The server of the live benchmarks: the marketplace as it is, and beside it under other addresses what it is compared with."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
django.setup()

from django.conf import settings  # noqa: E402

from marketplace.asgi import application as ours  # noqa: E402
from realtime import limits  # noqa: E402
from tests.benchmarks import profile  # noqa: E402

if profile.TARGET:
    profile.start()


class Unlimited(limits.Bucket):
    """Count as the real one does and never say no: a benchmark bids faster than a person may."""

    def __init__(self, rate: float, burst: int) -> None:
        super().__init__(rate * 1_000_000, burst * 1_000_000)


limits.Bucket = Unlimited  # type: ignore[misc]


async def application(scope, receive, send):
    await ours(scope, receive, send)
