"""Sockets in trouble: an unknown outcome is said to be unknown, a refused key keeps its answer, and a failing door lets go."""

from http import HTTPStatus

import pytest
from django.db import OperationalError

from marketplace.parties.models import Organization
from realtime import consumers, limits
from realtime import hub as hubs

from .conftest import in_thread, place


def away(*_given):
    raise OperationalError("the server closed the connection")


async def test_a_bid_whose_outcome_nobody_knows_may_be_sent_again(scene, sockets, monkeypatch):
    firm = await sockets(scene, scene.agents[0])
    await firm.next("hello")
    with monkeypatch.context() as broken:
        broken.setattr(hubs, "decide", away)
        await firm.send(bid={"key": "one", "amount_fen": 9_000_000, "confirm": True})
        assert await firm.next("unknown") == {"unknown": "one"}
    await firm.send(outcome="one")
    assert await firm.next("unknown") == {"unknown": "one"}
    await firm.send(bid={"key": "one", "amount_fen": 9_000_000, "confirm": True})
    assert (await firm.next("ack"))["seq"] == 1
    await firm.send(outcome="one")
    assert (await firm.next("ack"))["seq"] == 1


async def test_a_refused_key_keeps_its_answer_and_a_question_has_none(scene, sockets):
    await in_thread(place, scene, 1, 9_000_000)
    firm = await sockets(scene, scene.agents[0])
    await firm.next("hello")
    await firm.send(bid={"key": "high", "amount_fen": 9_000_000})
    refused = await firm.next("refused")
    assert (refused["code"], refused["status"]) == ("not_low_enough", HTTPStatus.UNPROCESSABLE_ENTITY)
    await firm.send(outcome="high")
    assert await firm.next("refused") == refused
    await firm.send(bid={"key": "low", "amount_fen": 1_000_000})
    assert (await firm.next("refused"))["code"] == "confirm_drop"
    await firm.send(outcome="low")
    assert await firm.next("unknown") == {"unknown": "low"}


async def test_an_outcome_asked_while_the_database_is_away_is_unknown(scene, sockets, monkeypatch):
    firm = await sockets(scene, scene.agents[0])
    await firm.next("hello")
    monkeypatch.setattr(consumers, "ask_outcome", away)
    await firm.send(outcome="one")
    assert await firm.next("unknown") == {"unknown": "one"}


async def test_a_socket_that_fails_at_the_door_is_counted_out(scene, sockets, monkeypatch):
    before = dict(limits._sockets)
    monkeypatch.setattr(hubs, "enter_room", away)
    stranger = await sockets(scene, scene.agents[0])
    with pytest.raises(OperationalError):
        await stranger.next("hello")
    assert dict(limits._sockets) == before


async def test_bids_of_one_group_get_their_answers_and_everybody_one_message(scene, sockets):
    firms = [await sockets(scene, agent) for agent in scene.agents]
    for firm in firms:
        await firm.next("hello")
    for number, firm in enumerate(firms):
        await firm.send(bid={"key": f"k{number}", "amount_fen": 9_500_000 - number * 100_000})
    acks = [await firm.next("ack") for firm in firms]
    assert [ack["seq"] for ack in acks] == [1, 2]


async def test_a_suspended_firm_is_cut_off_and_others_stay(scene, sockets):
    firm, other = await sockets(scene, scene.agents[0]), await sockets(scene, scene.agents[1])
    for socket in (firm, other):
        await socket.next("hello")
    one = scene.bidders[0].organization_id
    await in_thread(Organization.objects.filter(pk=one).update, status="suspended")
    assert await firm.closed() == consumers.SUSPENDED
    await in_thread(place, scene, 1, 9_000_000)
    assert (await other.next("n"))["price"] == 9_000_000
