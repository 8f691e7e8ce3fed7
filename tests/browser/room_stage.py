"""A stage for the room's page: the real page with a state and a socket that the test plays by docs/realtime.md.

Modes and moments that take an hour to come about in an auction (a pause, a turn, a void) are played in a second; what the
server says in them is tested beside the engine.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

STATE = re.compile(r'(<script id="room-state" type="application/json">)(.*?)(</script>)', re.DOTALL)


def now_ms() -> int:
    return round(time.time() * 1000)


class Stage:
    """Hold a page whose room lives in this test: `snapshot` and the viewer's own things change what the server rendered."""

    def __init__(self, page: Page, room: str, snapshot: dict[str, Any], **viewer: Any) -> None:
        self.page, self.room = page, room
        self.changes, self.viewer = snapshot, viewer
        self.sockets: list[WebSocketRoute] = []
        self.heard: list[dict[str, Any]] = []
        self.answers: list[Any] = []
        page.route(re.compile(re.escape(room) + r"$"), self._page)
        page.route(f"**{room}events/**", lambda route: route.fulfill(json={"n": self.n, "snapshot": self.state}))
        page.route_web_socket("**/ws/auctions/**", self._socket)
        page.goto(room)

    def _page(self, route) -> None:
        answer = route.fetch()
        body = STATE.sub(self._changed, answer.text())
        route.fulfill(response=answer, body=body)

    def _changed(self, found: re.Match[str]) -> str:
        told = json.loads(found[2])
        told["snapshot"] |= {"now": now_ms(), "opens": now_ms() - 60_000, "ends": now_ms() + 600_000} | self.changes
        told |= {"history": []} | self.viewer
        self.state, self.n = told["snapshot"], told["snapshot"]["n"]
        return found[1] + json.dumps(told) + found[3]

    def _socket(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(self._hear)
        self.tell({"hello": self.n, "h": "", "t": now_ms()})

    def _hear(self, text: str | bytes) -> None:
        message = json.loads(text)
        if "ping" in message:
            self.tell({"pong": message["ping"], "t": now_ms()})
            return
        self.heard.append(message)
        if "bid" in message and self.answers:
            self.tell(self.answers.pop(0)(message["bid"]))

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message as it is."""
        self.sockets[-1].send(json.dumps(message))

    def happen(self, event: str, **values: Any) -> None:
        """Send the next event of the process as a frame."""
        self.n += 1
        self.tell({"n": self.n, "h": f"{self.n:016x}", "e": event, "t": now_ms(), **values})

    def bids(self) -> list[dict[str, Any]]:
        return [message["bid"] for message in self.heard if "bid" in message]
