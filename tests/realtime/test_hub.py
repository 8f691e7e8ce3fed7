"""The hub: events of other processes, heartbeats, what falls due, and the channel layer between processes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from channels.layers import InMemoryChannelLayer

from marketplace.bidding.models import Auction
from marketplace.core import clock, events
from realtime import announcing, crossing
from realtime import hub as hubs
from realtime.hub import get_hub
from tests.realtime.conftest import in_thread, place


@pytest.fixture
def foreign(monkeypatch):
    """Make commits as silent as those of another process."""
    monkeypatch.setattr(events, "_listeners", [])


async def test_what_another_process_commits_is_on_screen_within_a_second(scene, sockets, foreign):
    watcher = await sockets(scene)
    began = (await watcher.next("hello"))["hello"]
    for step in range(3):
        await in_thread(place, scene, step % 2, 9_500_000 - 100_000 * step)
    numbers = [(await watcher.next("n", within=1))["n"] for _frame in range(3)]
    assert numbers == [began + 1, began + 2, began + 3]


async def test_a_heartbeat_says_number_hash_and_time(scene, sockets):
    watcher = await sockets(scene)
    hello = await watcher.next("hello")
    beat = await watcher.next("beat", within=3)
    assert (beat["beat"], beat["h"]) == (hello["hello"], hello["h"])
    assert abs(beat["t"] / 1000 - clock.now().timestamp()) < 3


async def test_a_silent_database_gives_no_heartbeat(scene, sockets, monkeypatch):
    watcher = await sockets(scene)
    await watcher.next("beat", within=3)

    def away(_processes):
        raise OSError("database is away")

    monkeypatch.setattr(hubs, "heads", away)
    with pytest.raises(TimeoutError):
        await watcher.next("beat", within=2.6)


async def test_the_hub_closes_an_auction_whose_time_is_over(scene, sockets):
    watcher = await sockets(scene)
    await in_thread(place, scene, 0, 9_000_000)
    soon = clock.now() + timedelta(seconds=0.7)
    await in_thread(Auction.objects.filter(pk=scene.auction.pk).update, ends_at=soon)
    while (frame := await watcher.next("n", within=3))["e"] != "close":
        pass
    assert (frame["price"], frame["label"]) == (9_000_000, scene.bidders[0].label)
    assert frame["t"] >= round(soon.timestamp() * 1000)
    assert frame["t"] - soon.timestamp() * 1000 < 1000


async def test_one_look_serves_all_rooms_and_the_last_to_leave_closes(scene, sockets):
    one, two = await sockets(scene), await sockets(scene)
    await one.next("hello")
    await two.next("hello")
    hub = get_hub()
    assert len(hub.rooms) == 1
    assert len(hub.rooms[scene.tender.process_id].watchers) == 2
    await one.leave()
    await two.leave()
    assert hub.rooms == {}
    assert hub.watching is None


async def test_a_frame_is_encoded_once_for_all_of_a_kind(scene, sockets, monkeypatch):
    from realtime import rooms

    made = []
    encode = rooms.encode
    monkeypatch.setattr(rooms, "encode", lambda told: made.append(told) or encode(told))
    watchers = [await sockets(scene) for _number in range(5)]
    firm = await sockets(scene, scene.agents[1])
    for watcher in [*watchers, firm]:  # who comes in during the bid reads it in the greeting
        await watcher.next("hello")
    await in_thread(place, scene, 0, 9_000_000)
    for watcher in [*watchers, firm]:
        await watcher.next("n")
    assert len([told for told in made if told.get("e") == "bid"]) == 2


def use_layer(monkeypatch, give):
    for module in (announcing, crossing):
        monkeypatch.setattr(module, "crossing_layer", give)
    monkeypatch.setattr(announcing, "_silence", {})


async def test_a_word_through_the_layer_brings_the_missing_events(scene, sockets, monkeypatch):
    layer = InMemoryChannelLayer()
    use_layer(monkeypatch, lambda: layer)
    monkeypatch.setattr(hubs, "LOOK_SECONDS", 60)
    watcher = await sockets(scene)
    await watcher.next("hello")
    monkeypatch.setattr(events, "_listeners", [])
    await in_thread(place, scene, 0, 9_000_000)
    await announcing.publish_on(
        layer, {"type": "process.newer", "process": scene.tender.process_id, "number": 1_000_000}
    )
    assert (await watcher.next("n", within=1))["price"] == 9_000_000


async def test_a_layer_that_is_away_changes_nothing_for_bidders_and_watchers(scene, sockets, monkeypatch):
    class Away:
        async def new_channel(self):
            raise OSError("no layer")

        group_send = new_channel

    use_layer(monkeypatch, Away)
    watcher = await sockets(scene)
    await watcher.next("hello")
    await in_thread(place, scene, 0, 9_000_000)
    assert (await watcher.next("n", within=1))["price"] == 9_000_000


async def test_redis_carries_the_word_between_processes(scene, sockets, monkeypatch, redis_url):
    from channels_redis.pubsub import RedisPubSubChannelLayer

    layer = RedisPubSubChannelLayer(hosts=[redis_url])
    use_layer(monkeypatch, lambda: layer)
    monkeypatch.setattr(hubs, "LOOK_SECONDS", 60)
    watcher = await sockets(scene)
    await watcher.next("hello")
    monkeypatch.setattr(announcing, "tell_hubs", lambda events: None)  # as in another process: only Redis can tell
    await in_thread(place, scene, 0, 9_000_000)
    assert (await watcher.next("n", within=2))["price"] == 9_000_000
    await watcher.leave()
    await asyncio.sleep(0.1)
    await layer.flush()
