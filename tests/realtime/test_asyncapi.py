"""docs/asyncapi.yaml says what really goes over the wire: its examples, every message of realtime.md, and the room itself."""

from __future__ import annotations

import re

import pytest
import yaml

from marketplace.bidding.models import Auction
from marketplace.bidding.room import KINDS
from marketplace.core import clock
from realtime import consumers
from tests.conftest import ROOT
from tests.marketplace.bidding.conftest import Scene
from tests.realtime.conftest import in_thread, place

DOCUMENT = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"))
MESSAGES, SCHEMAS = DOCUMENT["components"]["messages"], DOCUMENT["components"]["schemas"]
KNOWN = {"type", "enum", "const", "required", "properties", "additionalProperties", "items", "pattern", "minimum"}
KNOWN |= {"maxLength", "description", "$ref"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}


def is_of(value, name):
    if name == "null":
        return value is None
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def faults(value, schema, path="$"):
    """Return where a value breaks a schema: the part of JSON Schema that the document uses, and nothing silently more."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        return faults(value, SCHEMAS[schema["$ref"].rpartition("/")[2]], path)
    if "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        return [] if any(value == one and type(value) is type(one) for one in allowed) else [f"{path} is {value!r}"]
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(is_of(value, name) for name in names):
        return [f"{path} is {value!r}"]
    found = []
    if isinstance(value, str):
        found += [f"{path} is {value!r}"] if not re.search(schema.get("pattern", ""), value) else []
        found += [f"{path} is long"] if len(value) > schema.get("maxLength", len(value)) else []
    elif isinstance(value, list):
        found += [one for place, item in enumerate(value) for one in faults(item, schema["items"], f"{path}[{place}]")]
    elif isinstance(value, dict):
        found += [f"{path} lacks {key}" for key in schema.get("required", ()) if key not in value]
        known, more = schema.get("properties", {}), schema.get("additionalProperties", True)
        for key, item in value.items():
            if key in known or isinstance(more, dict):
                found += faults(item, known.get(key, more), f"{path}.{key}")
            elif not more:
                found.append(f"{path} has {key}")
    elif value is not None and value < schema.get("minimum", value):
        found.append(f"{path} is {value}")
    return found


def name_of(message):
    """Return under which name the document has a message: that of its first key, a frame's is n."""
    return next((name for name in MESSAGES if name in message), "frame" if "n" in message else "")


def assert_known(message):
    name = name_of(message)
    assert name, message
    assert faults(message, SCHEMAS[name]) == [], message
    return name


def ways(action):
    """Return the names of the messages that the server sends ("send") or takes ("receive")."""
    (operation,) = [one for one in DOCUMENT["operations"].values() if one["action"] == action]
    return {one["$ref"].rpartition("/")[2] for one in operation["messages"]}


def test_every_reference_leads_somewhere_and_every_message_goes_one_way():
    def references(value):
        if isinstance(value, dict):
            yield from [value["$ref"]] if "$ref" in value else []
            value = list(value.values())
        if isinstance(value, list):
            for one in value:
                yield from references(one)

    for reference in references(DOCUMENT):
        target = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert set(DOCUMENT["channels"]["room"]["messages"]) == set(MESSAGES) == ways("send") | ways("receive")
    assert not ways("send") & ways("receive")


@pytest.mark.parametrize("name", MESSAGES)
def test_examples_are_what_their_schema_says(name):
    examples = MESSAGES[name]["examples"]
    assert examples
    for example in examples:
        assert name_of(example["payload"]) == name
        assert faults(example["payload"], SCHEMAS[name]) == []


@pytest.mark.parametrize("name", MESSAGES)
def test_the_schemas_let_nothing_else_pass(name):
    for example in MESSAGES[name]["examples"]:
        payload = example["payload"]
        assert faults(payload | {"actor": 7}, SCHEMAS[name]) != []
        for key in SCHEMAS[name]["required"]:
            assert faults({one: payload[one] for one in payload if one != key}, SCHEMAS[name]) != []
            assert faults(payload | {key: [None]}, SCHEMAS[name]) != []


def test_frames_codes_and_messages_are_those_of_the_code_and_of_the_page():
    assert set(SCHEMAS["frame"]["properties"]["e"]["enum"]) == set(KINDS.values()) | {"other"}
    codes = {value for value in vars(consumers).values() if isinstance(value, int) and 4400 <= value < 4500}
    assert set(DOCUMENT["channels"]["room"]["x-close-codes"]) == codes
    page = (ROOT / "docs" / "realtime.md").read_text(encoding="utf-8")
    assert {int(code) for code in re.findall(r"^\| (4\d\d\d) \|", page, re.MULTILINE)} == codes
    told = set(re.findall(r'^\| `\{"(\w+)"', page, re.MULTILINE))
    assert {"frame" if key == "n" else key for key in told} == set(MESSAGES)
    assert "asyncapi.yaml" in page


async def heard(socket, *keys):
    """Return the next message that has one of `keys`; every one that passes has to be known."""
    while True:
        message = await socket.next()
        assert_known(message)
        if set(keys) & set(message):
            return message


async def test_what_is_heard_in_a_room_is_what_the_document_says(scene, sockets):
    watcher, firm = await sockets(scene), await sockets(scene, scene.agents[0])
    hello = await heard(watcher, "hello")
    await heard(firm, "hello")
    seen = {"hello"}
    amount = scene.auction.ceiling_fen
    for message, keys in (
        ({"bid": {"key": "k1", "amount_fen": amount}}, ["ack"]),
        ({"bid": {"key": "k2", "amount_fen": amount + 1}}, ["refused"]),
        ({"bid": {"key": "k3", "amount_fen": 1, "confirm": False}}, ["refused"]),
        ({"outcome": "k1"}, ["ack"]),
        ({"outcome": "k2"}, ["refused"]),
        ({"outcome": "never sent"}, ["unknown"]),
        ({"ping": 3}, ["pong"]),
        ({"state": True}, ["snapshot"]),
        ({"nonsense": 1}, ["error"]),
    ):
        if name_of(message):
            assert assert_known(message) in ways("receive")
        await firm.send(**message)
        seen.add(assert_known(await heard(firm, *keys)))
    await firm.send(resume=hello["hello"] - 1)
    seen |= {assert_known(await heard(firm, "n")), assert_known(await heard(watcher, "n"))}
    seen.add(assert_known(await heard(watcher, "beat")))
    await in_thread(Auction.objects.filter(pk=scene.auction.pk).update, ends_at=clock.now())
    while (await heard(watcher, "n"))["e"] != "close":
        pass
    assert seen == ways("send") - {"own"}


async def test_what_is_heard_in_bidding_by_rank_and_by_turns(transactional_db, sockets):
    ranks = await in_thread(Scene, auction_mode="rank")
    firm, watcher = await sockets(ranks, ranks.agents[0]), await sockets(ranks)
    await heard(firm, "own")
    await heard(watcher, "hello")
    await in_thread(place, ranks, 0, 9_000_000)
    assert (await heard(firm, "own"))["own"] == {"rank": 1, "of": 1, "price": 9_000_000}
    assert "price" not in await heard(watcher, "n")
    await watcher.send(state=True)
    assert (await heard(watcher, "snapshot"))["snapshot"]["price"] is None
    turns = await in_thread(Scene, auction_mode="turns")
    watcher = await sockets(turns)
    await watcher.send(state=True)
    state = (await heard(watcher, "snapshot"))["snapshot"]
    assert state["mode"] == "turns"
