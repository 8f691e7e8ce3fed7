"""The room as server-sent events: the same feed as over the socket, resumed by number, and refusals in words."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time

import httpx
import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import connection
from django.test import Client
from servers import free_port

from marketplace.asgi import application
from marketplace.core.models import Event
from marketplace.parties.models import Organization
from realtime import limits, streams
from realtime.hub import get_hub
from tests.conftest import ROOT
from tests.marketplace.bidding.conftest import Scene
from tests.realtime.conftest import in_thread, place, quiet


async def head(scene):
    return await in_thread(lambda: Event.objects.filter(process=scene.tender.process).count())


def parsed(text):
    """Return the fields of one event."""
    return dict(line.split(": ", 1) for line in text.split("\n"))


class Reader:
    """Be a browser's EventSource: collects events from the response's pieces."""

    def __init__(self, number, query="", headers=(), user=None):
        headers = [(b"host", b"testserver"), *headers]
        if user is not None:
            browser = Client()
            browser.force_login(user)
            name = settings.SESSION_COOKIE_NAME
            headers.append((b"cookie", f"{name}={browser.cookies[name].value}".encode()))
        scope = {"type": "http", "method": "GET", "path": f"/auctions/{number}/stream/", "headers": headers}
        scope |= {"query_string": query.encode(), "client": ("192.0.2.7", 1), "http_version": "1.1", "scheme": "http"}
        self.wire = ApplicationCommunicator(application, scope)
        self.text = ""

    async def open(self):
        await self.wire.send_input({"type": "http.request"})
        start = await self.wire.receive_output(5)
        self.status, self.headers = start["status"], {key.decode(): value.decode() for key, value in start["headers"]}
        return self

    async def body(self):
        return json.loads((await self.wire.receive_output(5))["body"])

    async def next(self, kind=None, within=5):
        """Return the next event of a kind, its data read as JSON."""
        while True:
            while "\n\n" in self.text:
                piece, _gap, self.text = self.text.partition("\n\n")
                event = parsed(piece)
                if kind is None or event.get("event") == kind:
                    return event | ({"data": json.loads(event["data"])} if "data" in event else {})
            answer = await self.wire.receive_output(within)
            self.text += answer.get("body", b"").decode()

    async def rest(self):
        """Return what still comes until the server hangs up."""
        while True:
            answer = await self.wire.receive_output(5)
            self.text += answer.get("body", b"").decode()
            if not answer.get("more_body"):
                return self.text

    async def leave(self):
        with contextlib.suppress(Exception, asyncio.CancelledError):
            await self.wire.send_input({"type": "http.disconnect"})
            await self.wire.wait(2)


@pytest.fixture
async def readers():
    opened = []

    async def connect(number, *arguments, **more):
        opened.append(await in_thread(Reader, number, *arguments, **more))
        return await opened[-1].open()

    yield connect
    for reader in opened:
        await reader.leave()
    await quiet()


async def test_a_stream_begins_with_the_whole_state_and_goes_on_with_each_event(scene, readers):
    reader = await readers(scene.tender.number)
    assert reader.status == 200
    assert reader.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert (reader.headers["X-Accel-Buffering"], "Content-Encoding" in reader.headers) == ("no", False)
    assert "no-transform" in reader.headers["Cache-Control"]
    assert await reader.next() == {"retry": "2000"}
    state = await reader.next()
    number = await head(scene)
    assert (state["event"], state["id"]) == ("snapshot", str(number))
    assert state["data"]["snapshot"]["viewer"] == "public"
    await in_thread(place, scene, 0, 9_000_000)
    frame = await reader.next("frame", within=1)
    assert (frame["id"], frame["data"]["n"], frame["data"]["price"]) == (str(number + 1), number + 1, 9_000_000)
    assert scene.bidders[0].organization.name not in json.dumps(frame, ensure_ascii=False)


async def test_a_beat_says_where_the_room_stands_and_moves_no_id(scene, readers):
    reader = await readers(scene.tender.number)
    beat = await reader.next("beat", within=4)
    assert beat["data"]["beat"] == await head(scene)
    assert "id" not in beat


@pytest.mark.parametrize("by_header", [True, False])
async def test_who_comes_back_gets_what_it_missed_and_nothing_twice(scene, readers, by_header):
    first = await head(scene)
    for step in range(4):
        await in_thread(place, scene, step % 2, 9_500_000 - 100_000 * step)
    known = str(first + 1)
    more = {"headers": [(b"last-event-id", known.encode())]} if by_header else {"query": f"after={known}"}
    reader = await readers(scene.tender.number, **more)
    numbers = [int((await reader.next("frame"))["id"]) for _frame in range(3)]
    await in_thread(place, scene, 0, 9_000_000)
    numbers.append(int((await reader.next("frame"))["id"]))
    assert numbers == [first + 2, first + 3, first + 4, first + 5]


async def test_who_was_away_too_long_gets_the_whole_state(scene, readers, monkeypatch):
    from realtime.rooms import Room

    monkeypatch.setattr(Room, "KEPT", 3)
    for step in range(5):
        await in_thread(place, scene, step % 2, 9_500_000 - 100_000 * step)
    reader = await readers(scene.tender.number, query="after=1")
    assert (await reader.next("snapshot"))["data"]["snapshot"]["seq"] == 5


async def test_members_of_a_firm_see_what_parties_see(scene, readers):
    reader = await readers(scene.tender.number, user=scene.agents[0])
    assert (await reader.next("snapshot"))["data"]["snapshot"]["viewer"] == "party"


async def test_bidding_by_rank_tells_a_firm_its_own_standing_and_nobody_the_amounts(transactional_db, readers):
    scene = await in_thread(Scene, auction_mode="rank")
    firm = await readers(scene.tender.number, user=scene.agents[0])
    watcher = await readers(scene.tender.number)
    assert (await firm.next("own"))["data"]["own"] == {"rank": None, "of": 0, "price": None}
    await watcher.next("snapshot")
    await in_thread(place, scene, 0, 9_000_000)
    assert (await firm.next("own"))["data"]["own"] == {"rank": 1, "of": 1, "price": 9_000_000}
    assert (await watcher.next("frame"))["data"].keys() == {"n", "h", "e", "seq", "ends"}
    await in_thread(place, scene, 1, 8_000_000)
    assert "8000000" not in json.dumps(await watcher.next("frame"))


async def test_the_stream_of_a_firm_that_is_suspended_ends(scene, readers):
    reader = await readers(scene.tender.number, user=scene.agents[0])
    await reader.next("snapshot")
    firm = Organization.objects.filter(pk=scene.bidders[0].organization_id)
    await in_thread(firm.update, status="suspended")
    assert "event: suspended" in await reader.rest()


async def test_refusals_have_words_and_leave_no_count_behind(scene, readers, settings):
    before = dict(limits._sockets)
    unknown = await readers("YT2026-999999")
    assert (unknown.status, (await unknown.body())["message"]) == (404, "没有编号为 YT2026-999999 的竞价。")
    odd = await readers(scene.tender.number, query="after=x")
    assert (odd.status, (await odd.body())["code"]) == (422, "after_invalid")
    settings.REALTIME_MAX_SOCKETS_PER_ADDRESS = 0
    many = await readers(scene.tender.number)
    assert (many.status, (await many.body())["code"]) == (429, "too_many_streams")
    assert dict(limits._sockets) == before


async def test_streams_are_counted_with_the_sockets_of_their_address_and_out_again(scene, readers):
    reader = await readers(scene.tender.number)
    await reader.next("snapshot")
    assert limits._sockets["192.0.2.7"] == 1
    await reader.leave()
    for _look in range(100):
        if not limits._sockets["192.0.2.7"]:
            break
        await asyncio.sleep(0.02)
    assert limits._sockets["192.0.2.7"] == 0
    assert get_hub().rooms == {}


async def test_a_slow_reader_is_told_to_come_again_and_holds_nobody_up(scene, readers, monkeypatch):
    monkeypatch.setattr(streams, "WAITING_MESSAGES", 3)
    quick = await readers(scene.tender.number)
    await quick.next("snapshot")
    known = set(next(iter(get_hub().rooms.values())).watchers)
    slow = await readers(scene.tender.number)
    await slow.next("snapshot")
    watchers = next(iter(get_hub().rooms.values())).watchers
    (stuck,) = [one for one in watchers if one not in known]
    for step in range(5):
        stuck.put(json.dumps({"n": 1000 + step, "e": "other"}))
    assert stuck not in watchers
    assert "event: resync" in await slow.rest()
    await in_thread(place, scene, 0, 9_000_000)
    assert (await quick.next("frame"))["data"]["price"] == 9_000_000


async def test_a_stream_ends_after_a_while_so_that_it_is_asked_again_who_reads(scene, readers, monkeypatch):
    monkeypatch.setattr(streams, "STREAM_SECONDS", 0.3)
    reader = await readers(scene.tender.number)
    assert "event: snapshot" in await reader.rest()


def test_a_server_that_cannot_stream_says_so(scene):
    answer = Client().get(f"{scene.room}stream/")
    assert (answer.status_code, answer.json()["code"]) == (501, "not_streaming")
    assert answer.json()["message"].endswith("。")
    assert Client().post(f"{scene.room}stream/").status_code == 405


def test_over_a_real_server(scene, tmp_path):
    """Read a stream from a uvicorn process of its own while this process bids: no middleware keeps it back."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    environment |= {"DATA_DIR": str(tmp_path), "BASE_URL": f"http://127.0.0.1:{port}"}
    if connection.vendor == "sqlite":
        (tmp_path / "marketplace.sqlite3").symlink_to(connection.settings_dict["NAME"])
    else:
        environment["PGDATABASE"] = connection.settings_dict["NAME"]
    command = [sys.executable, "-m", "uvicorn", "marketplace.asgi:application", "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--log-level", "warning", "--timeout-graceful-shutdown", "1"], cwd=ROOT, env=environment
    )
    try:
        wait_for(port, server)
        address = f"http://127.0.0.1:{port}{scene.room}stream/"
        with httpx.Client(trust_env=False, timeout=10) as client, client.stream("GET", address) as response:
            assert response.status_code == 200
            pieces = response.iter_text()
            text = ""
            while "event: snapshot" not in text:
                text += next(pieces)
            place(scene, 0, 9_000_000)
            until = time.monotonic() + 5
            while '"price":9000000' not in text and time.monotonic() < until:  # heartbeats come meanwhile
                text += next(pieces)
            assert '"price":9000000' in text
    finally:
        server.terminate()
        server.wait(20)


def wait_for(port, server):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the server was not ready in a minute")
