"""Projects as they are after a pull, and the local approval platform to pull them from."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any

from marketplace.catalog.models import Region, ServiceMatter
from marketplace.core import clock
from marketplace.parties.models import Organization
from marketplace.projects.models import ApprovalCase, InvestmentProject

_numbers = count(100001)


def make_project(
    *, owner: Organization | None = None, cases: int = 1, matter: ServiceMatter | None = None, **overrides: Any
) -> InvestmentProject:
    """Make a project with `cases` cases, all of `matter`."""
    number = next(_numbers)
    values = {
        "code": f"2605-360602-04-01-{number:06d}",
        "name": f"月湖区标准厂房建设项目 {number}",
        "owner": owner,
        "owner_uscc": (owner.uscc if owner else "") or "",
        "owner_name": owner.name if owner else "鹰潭虚构实业有限公司",
        "region": Region.objects.filter(code="360602").first(),
        "location": "月湖区工业园区 8 号",
        "investment_fen": 5_000_000_000,
        "fetched_at": clock.now(),
    }
    project = InvestmentProject.objects.create(**{**values, **overrides})
    for place in range(cases):
        chosen = matter or ServiceMatter.objects.order_by("code").first()
        chosen = chosen or ServiceMatter.objects.create(code="YT-SX-001", name="企业投资项目核准", department="发改委")
        ApprovalCase.objects.create(project=project, number=f"YT-BJ-{number}-{place + 1}", matter=chosen)
    return project


@contextmanager
def local_platform(folder: Path, *, key: str = "local-approval-platform") -> Iterator[str]:
    """Run the local approval platform in a thread on a free port; give its address."""
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from marketplace.approvals.sandbox.server import Platform

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_args: Any) -> None:
            pass

    class Threaded(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    platform = Platform(folder, key=key)
    server = make_server("127.0.0.1", 0, platform, server_class=Threaded, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        platform.store.close()
