"""The local licence library on a free port, and licences in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any

from django.utils import timezone

from marketplace.licences.sandbox.seeding import Certificate, Holder, Person, seed
from marketplace.licences.sandbox.server import Library

CODE = "91360602MAXL00001R"


@dataclass(frozen=True)
class RunningLibrary:
    """A local library that answers at `url`; its store, faults and controls are `library`'s."""

    url: str
    library: Library

    def issue(self, holder: Holder) -> list[str]:
        """Issue what a holder has; give the identifiers of all that it has now, the registration first."""
        seed(self.library.store, [holder], today=timezone.localdate())
        return [row["identifier"] for row in self.library.store.licences_of(holder.code, timezone.localdate())]

    def act(self, do: str, **words: Any) -> dict[str, str]:
        """Operate it as its control page does: act("cancel", identifier=…), act("fault", name="slow", seconds=5)."""
        return self.library.controls.act({"do": do, **words}, today=timezone.localdate())


def make_holder(*, code: str = CODE, **overrides: Any) -> Holder:
    """Make a firm with one certificate of surveying and one practitioner."""
    values: dict[str, Any] = {
        "code": code,
        "name": "虚构测绘有限公司",
        "kind": "enterprise",
        "legal_representative": "温如玉",
        "address": "鹰潭市月湖区虚构路 1 号",
        "region": "360602",
        "capital": "伍佰万元整",
        "certificates": (make_certificate(),),
        "practitioners": (
            Person(
                code="99999919900307123X",
                name="温若川",
                discipline="测绘",
                certificate=make_certificate(kind="survey-engineer", number="注测 0001", grade="", scope=""),
            ),
        ),
    }
    return Holder(**{**values, **overrides})


def make_certificate(**overrides: Any) -> Certificate:
    """Make a surveying certificate that is valid for about two years."""
    values: dict[str, Any] = {
        "kind": "surveying",
        "number": "甲测资字 3600001",
        "grade": "甲级",
        "scope": "工程测量、界线与不动产测绘",
        "valid_until": days_from_today(700),
    }
    return Certificate(**{**values, **overrides})


def days_from_today(days: int) -> date:
    """Give a day in Shanghai, counted from today."""
    return timezone.localdate() + timedelta(days=days)


@contextmanager
def local_library(folder: Path, *, key: str = "local-licence-library") -> Iterator[RunningLibrary]:
    """Run the local licence library in a thread on a free port."""
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_args: Any) -> None:
            pass

    class Threaded(ThreadingMixIn, WSGIServer):
        daemon_threads = False  # closing waits for the answers under way, which `faults.close` lets go

        def handle_error(self, *_args: Any) -> None:
            """A client that hung up is what a test wants."""

    library = Library(folder, key=key)
    server = make_server("127.0.0.1", 0, library, server_class=Threaded, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield RunningLibrary(f"http://127.0.0.1:{server.server_port}", library)
    finally:
        library.faults.close()
        server.shutdown()
        server.server_close()
        thread.join()
        library.close()
