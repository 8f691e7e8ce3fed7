"""200 auctions live at once on PostgreSQL and Redis under two workers: how late the frames are."""

import asyncio
import gc
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.live_servers import SECONDS, Unavailable, database, redis, set_stage, web
from tests.benchmarks.rows import Row
from tests.benchmarks.socket_clients import Socket, enter, request_for, until
from tests.benchmarks.socket_clients import run as run_clients
from tests.benchmarks.stage import CEILING_FEN, STEP_FEN

NAME = "200 auctions live at once"
NEEDS_DATABASE = False
GOAL = (
    "a city closes many needs in the same hour. 200 auctions of five bidders and twenty watchers each, 5,000 sockets over two uvicorn workers, "
    "PostgreSQL (durable) and Redis, all on the same two cores as the clients. In each auction every two seconds somebody bids a step below the "
    "price on the screen, and every tenth time two do at the same moment: 100 decisions a second, far more than people make over minutes. A frame's "
    "lateness is its arrival after the event's own time. A refusal is asked for by the rules when the log shows a bid that made it right; "
    "at the end every socket must know every bid"
)
AUCTIONS, BIDDERS, WATCHERS, FIRMS = 200, 5, 20, 50
LENGTH, EVERY, RACE_SHARE = SECONDS or 60.0, 2.0, 0.1
SETTLE = 3.0


@dataclass
class Room:
    """Be what all clients know of one auction, and what was refused in it."""

    number: str
    path: str
    sockets: list["Seat"] = field(default_factory=list)
    price_fen: int = CEILING_FEN
    sequence: int = 0
    leader: str = ""
    log: dict[int, tuple[int, float]] = field(default_factory=dict)  # sequence -> amount, its event's time in ms
    refused: list[tuple[str, int, float]] = field(default_factory=list)  # code, amount, when the answer came in ms


class Book:
    """Keep how late frames were, in ms, while it is open."""

    def __init__(self) -> None:
        self.is_open = False
        self.late: list[float] = []
        self.accepted = self.left_out = 0
        self.answers: list[float] = []


class Seat(Socket):
    """Watch a room; a bidder's seat has a label and bids."""

    def __init__(self, request: bytes, room: Room, book: Book, label: str = "") -> None:
        super().__init__(request)
        self.room, self.book, self.label = room, book, label
        self.sequence, self.amount_fen, self.began = 0, 0, 0.0

    def bid(self, amount_fen: int) -> None:
        self.amount_fen, self.began = amount_fen, time.perf_counter()
        key = f"{self.label}-{amount_fen}"
        self.say(json.dumps({"bid": {"key": key, "amount_fen": amount_fen}}).encode())

    def heard(self, message: bytes) -> None:
        arrived = time.time()
        if b'"e":"bid"' not in message and b'"ack"' not in message and b'"refused"' not in message:
            return
        told = json.loads(message)
        for one in told if isinstance(told, list) else [told]:
            if one.get("e") == "bid":
                self._take_frame(one, arrived)
            elif "ack" in one or "refused" in one:
                self._take_answer(one)

    def _take_frame(self, frame: dict[str, Any], arrived: float) -> None:
        self.sequence = frame["seq"]
        if self.book.is_open:
            self.book.late.append(1000 * arrived - frame["t"])
        room = self.room
        if frame["seq"] > room.sequence:
            room.sequence, room.price_fen, room.leader = frame["seq"], frame["price"], frame["label"]
            room.log[frame["seq"]] = (frame["price"], frame["t"])

    def _take_answer(self, answer: dict[str, Any]) -> None:
        if self.book.is_open:
            self.book.answers.append(1000 * (time.perf_counter() - self.began))
            self.book.accepted += "ack" in answer
        self.began = 0.0
        if "refused" in answer:
            self.room.refused.append((answer["code"], self.amount_fen, 1000 * time.time()))


async def play(room: Room, book: Book, until_time: float, dice: random.Random) -> None:
    """Bid in one auction every two seconds: on the price that is on the screen, by somebody who does not lead."""
    bidders = [seat for seat in room.sockets if seat.label]
    await asyncio.sleep(dice.random() * EVERY)
    while time.monotonic() < until_time:
        began = time.monotonic()
        if any(seat.began for seat in bidders):
            book.left_out += book.is_open  # the former bid is not answered yet
        else:
            free = [seat for seat in bidders if seat.label != room.leader]
            for seat in dice.sample(free, 2 if dice.random() < RACE_SHARE else 1):
                seat.bid(room.price_fen - STEP_FEN)
        await asyncio.sleep(max(0.0, began + EVERY - time.monotonic()))


def is_asked_for(room: Room, code: str, amount_fen: int, answered: float) -> bool:
    """Tell whether the log has a bid from before the answer that the refused one did not better by a step."""
    return code == "not_low_enough" and any(
        price < amount_fen + STEP_FEN and at <= answered for price, at in room.log.values()
    )


async def measure(port: int, auctions: list[dict[str, Any]]) -> tuple[Book, list[Room]]:
    book, dice = Book(), random.Random(4)
    rooms = [Room(auction["number"], f"/ws/auctions/{auction['number']}/") for auction in auctions]
    for room, auction in zip(rooms, auctions, strict=True):
        people = [(person["session"], person["label"]) for person in auction["bidders"]] + [("", "")] * WATCHERS
        makers = [
            lambda session=session, label=label, room=room: Seat(
                request_for(port, room.path, session), room, book, label
            )
            for session, label in people
        ]
        room.sockets = await enter(port, makers, at_once=25)
    await asyncio.sleep(SETTLE)
    gc.freeze()
    gc.disable()
    end = time.monotonic() + SETTLE + LENGTH
    games = [asyncio.create_task(play(room, book, end, dice)) for room in rooms]
    await asyncio.sleep(SETTLE)
    book.is_open = True
    await asyncio.gather(*games)
    book.is_open = False
    await until(lambda: not any(seat.began for room in rooms for seat in room.sockets), 30, "answers to the last bids")
    await asyncio.sleep(SETTLE)
    return book, rooms


def run() -> list[Row]:
    try:
        with database("postgres") as environment, redis() as more:
            auctions = set_stage(environment, auctions=AUCTIONS, firms=FIRMS, bidders=BIDDERS)
            with web({**environment, **more}, workers=2, core=None) as (port, _process):
                return rows(*run_clients(measure(port, auctions), core=None))
    except Unavailable as problem:
        print(f"  left out: {problem}", flush=True)
        return []


def rows(book: Book, rooms: list[Room]) -> list[Row]:
    late, answers = sorted(book.late), sorted(book.answers)
    seats = [seat for room in rooms for seat in room.sockets]
    refused = Counter(code for room in rooms for code, *_rest in room.refused)
    wrong = sum(not is_asked_for(room, *one) for room in rooms for one in room.refused)
    behind = sum(not seat.is_open or seat.sequence != seat.room.sequence for seat in seats)
    print(
        f"  {len(late):,} frames, p50 {late[len(late) // 2]:.0f} ms, last {late[-1]:.0f} ms; "
        f"answers p50 {answers[len(answers) // 2]:.0f} ms, p99 {answers[int(len(answers) * 0.99)]:.0f} ms; "
        f"refused {dict(refused)}; {book.left_out} turns left out",
        flush=True,
    )
    asked = AUCTIONS / EVERY
    return [
        Row(
            name="200 auctions: frame after its event, p99",
            ours=late[int(len(late) * 0.99)],
            reference=None,
            unit="ms",
            goal="ours <= 250",
        ),
        Row(name="… refusals that the rules don't ask for", ours=wrong, reference=None, unit="", goal="ours <= 0"),
        Row(name="… sockets that do not know every bid", ours=behind, reference=None, unit="", goal="ours <= 0"),
        Row(
            name="… bids accepted, beside the turns there were",
            ours=book.accepted / LENGTH,
            reference=asked,
            unit="/s",
            goal="ratio >= 0.95",
        ),
    ]
