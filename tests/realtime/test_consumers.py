"""The socket of the room: frames, resuming, bids and their answers, limits."""

from __future__ import annotations

import asyncio
import json

import pytest

from marketplace.asgi import application
from marketplace.bidding.models import Bid
from marketplace.core.models import Event
from marketplace.parties.models import Organization
from realtime import consumers, limits
from tests.factories.parties import make_firm
from tests.realtime.conftest import ORIGIN, Socket, Wire, in_thread, place


async def head(scene):
    return await in_thread(lambda: Event.objects.filter(process=scene.tender.process).count())


async def bids():
    return await in_thread(Bid.objects.count)


async def test_anybody_may_watch_and_hears_each_bid(scene, sockets):
    watcher = await sockets(scene)
    hello = await watcher.next("hello")
    assert hello["hello"] == await head(scene)
    assert (hello["you"], hello["viewer"]) == ("", "public")
    await in_thread(place, scene, 0, 9_000_000)
    frame = await watcher.next("n", within=1)
    assert frame["n"] == hello["hello"] + 1
    assert (frame["e"], frame["price"], frame["label"]) == ("bid", 9_000_000, scene.bidders[0].label)
    assert scene.bidders[0].organization.name not in json.dumps(frame, ensure_ascii=False)


async def test_a_foreign_origin_and_none_at_all_are_refused(scene):
    for headers in ([], [(b"origin", b"http://elsewhere.invalid")]):
        assert not await Wire(f"/ws/auctions/{scene.tender.number}/", headers).connect()


async def test_an_unknown_room_closes_with_its_code(transactional_db):
    socket = await Socket("YT2026-999999").open()
    assert await socket.closed() == consumers.UNKNOWN_ROOM
    await socket.leave()


async def test_a_bid_is_acknowledged_only_after_its_commit(scene, sockets):
    firm = await sockets(scene, scene.agents[0])
    watcher = await sockets(scene)
    assert (await firm.next("hello"))["you"] == scene.bidders[0].label
    await watcher.next("hello")
    await firm.send(bid={"key": "k1", "amount_fen": 9_500_000})
    ack = await firm.next("ack", "refused")
    assert await bids() == 1
    placed = await in_thread(lambda: Bid.objects.select_related("event").get())
    assert ack == {"ack": "k1", "seq": 1, "n": placed.event.number, "amount_fen": 9_500_000}
    assert (await watcher.next("n"))["n"] == placed.event.number
    await firm.send(bid={"key": "k1", "amount_fen": 9_500_000})
    assert await firm.next("ack") == ack
    assert await bids() == 1


@pytest.mark.parametrize(
    ("message", "code", "field"),
    [
        ({"amount_fen": 10_000_001}, "above_ceiling", "amount"),
        ({"amount_fen": 0}, "amount_invalid", "amount"),
        ({"amount_fen": 5_000_000}, "confirm_drop", "confirm"),
    ],
)
async def test_refusals_say_code_and_field(scene, sockets, message, code, field):
    firm = await sockets(scene, scene.agents[0])
    await firm.send(bid={"key": "k", **message})
    refused = await firm.next("ack", "refused")
    assert (refused["refused"], refused["code"], refused["field"]) == ("k", code, field)
    assert refused["message"].endswith("。")
    assert await bids() == 0


async def test_a_confirmed_drop_is_taken(scene, sockets):
    firm = await sockets(scene, scene.agents[0])
    await firm.send(bid={"key": "k", "amount_fen": 5_000_000, "confirm": True})
    assert (await firm.next("ack", "refused"))["ack"] == "k"


async def test_who_may_bid_is_asked_at_each_bid(scene, sockets):
    nobody, owner = await sockets(scene), await sockets(scene, scene.owner)
    stranger = await sockets(scene, await in_thread(lambda: make_firm().memberships.get().user))
    firm = await sockets(scene, scene.agents[0])
    for socket, code in ((nobody, "signed_out"), (owner, "not_signed_up"), (stranger, "not_signed_up")):
        await socket.send(bid={"key": "k", "amount_fen": 9_500_000})
        assert (await socket.next("ack", "refused"))["code"] == code
    suspend = Organization.objects.filter(pk=scene.bidders[0].organization_id)
    await in_thread(suspend.update, status="suspended")
    await firm.send(bid={"key": "k", "amount_fen": 9_500_000})
    assert (await firm.next("ack", "refused"))["code"] == "suspended"
    await in_thread(firm.browser.logout)
    await firm.send(bid={"key": "k", "amount_fen": 9_500_000})
    assert (await firm.next("ack", "refused"))["code"] == "signed_out"
    assert await bids() == 0


async def test_refusals_speak_the_readers_language(scene, sockets):
    firm = await sockets(scene, headers=[(b"accept-language", b"en")])
    await firm.send(bid={"key": "k", "amount_fen": 1})
    assert (await firm.next("refused"))["status"] == 403


async def test_resuming_has_no_gap(scene, sockets):
    first = await head(scene)
    amounts = [9_500_000 - 100_000 * step for step in range(6)]
    for step, amount in enumerate(amounts):
        await in_thread(place, scene, step % 2, amount)
    late = await sockets(scene)
    assert (await late.next("hello"))["hello"] == first + 6
    await late.send(resume=first + 2)
    numbers = [(await late.next("n"))["n"] for _frame in range(4)]
    assert numbers == [first + 3, first + 4, first + 5, first + 6]
    await late.send(resume=first + 6)
    await late.send(ping=1)
    assert "pong" in await late.next("n", "pong")


async def test_far_behind_gets_the_whole_state(scene, sockets, monkeypatch):
    from realtime.rooms import Room

    monkeypatch.setattr(Room, "KEPT", 3)
    for step in range(5):
        await in_thread(place, scene, step % 2, 9_500_000 - 100_000 * step)
    late = await sockets(scene)
    await late.send(resume=1)
    state = (await late.next("snapshot"))["snapshot"]
    assert (state["seq"], state["price"], state["n"]) == (5, 9_100_000, await head(scene))


async def test_the_ping_gives_the_servers_time_and_odd_messages_an_error(scene, sockets):
    socket = await sockets(scene)
    await socket.send(ping=12.5)
    assert (await socket.next("pong"))["pong"] == 12.5
    for odd in ("[]", "nonsense", '{"resume": -1}', '{"bid": {"key": 1}}', "[" * 3000):
        await socket.wire.send(text=odd)
        assert (await socket.next("error"))["error"] == "message_unknown"


async def test_large_and_binary_messages_close_the_socket(scene, sockets):
    socket = await sockets(scene)
    await socket.wire.send(text=json.dumps({"ping": 1, "more": "x" * limits.MESSAGE_BYTES}))
    assert await socket.closed() == consumers.TOO_LARGE
    other = await sockets(scene)
    await other.wire.send(bytes=b"{}")
    assert await other.closed() == consumers.TOO_LARGE


async def test_too_many_bids_are_refused_and_too_many_messages_close(scene, sockets):
    firm = await sockets(scene, scene.agents[0])
    for number in range(6):
        await firm.send(bid={"key": f"k{number}", "amount_fen": 20_000_000})
    codes = sorted([(await firm.next("refused"))["code"] for _number in range(6)])
    assert codes == ["above_ceiling"] * 5 + ["too_many_bids"]
    for _number in range(60):
        await firm.send(ping=1)
    assert await firm.closed() == consumers.TOO_MANY_MESSAGES


async def test_one_address_has_a_limit(scene, sockets, settings):
    settings.REALTIME_MAX_SOCKETS_PER_ADDRESS = 1
    await sockets(scene)
    second = await sockets(scene)
    assert await second.closed() == consumers.TOO_MANY_SOCKETS


async def test_a_slow_socket_is_closed_to_resync_and_holds_nobody_up(scene, sockets, monkeypatch):
    monkeypatch.setattr(consumers, "WAITING_MESSAGES", 3)
    quick = await sockets(scene)
    sent, stuck = [], asyncio.Event()

    async def send(message):
        if message["type"] == "websocket.send" and sent[-1]["type"] == "websocket.send":
            await stuck.wait()  # a reader that has stopped reading after the greeting
        sent.append(message)

    inbox = asyncio.Queue()
    await inbox.put({"type": "websocket.connect"})
    path = f"/ws/auctions/{scene.tender.number}/"
    scope = {"type": "websocket", "path": path, "headers": [ORIGIN], "query_string": b"", "subprotocols": []}
    slow = asyncio.create_task(application(scope, inbox.get, send))
    await asyncio.sleep(0.5)
    for step in range(6):
        await in_thread(place, scene, step % 2, 9_500_000 - 100_000 * step)
        assert (await quick.next("n"))["seq"] == step + 1
    await asyncio.sleep(0.1)
    assert sent[-1] == {"type": "websocket.close", "code": consumers.RESYNC}
    await inbox.put({"type": "websocket.disconnect", "code": consumers.RESYNC})
    await slow


def test_addresses_are_counted_out_again():
    before = dict(limits._sockets)
    assert limits.enter("192.0.2.1")
    limits.go("192.0.2.1")
    assert dict(limits._sockets) == before
