"""The server of bench_watchers: our application, a bare broadcast beside it, and an address that places a bid."""

import os
from urllib.parse import parse_qs

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
django.setup()

from asgiref.sync import sync_to_async  # noqa: E402

from marketplace.asgi import application as ours  # noqa: E402
from marketplace.bidding.actions import place_bid  # noqa: E402
from marketplace.bidding.models import Auction  # noqa: E402

FRAME = (
    '{"n":1234,"h":"0123456789abcdef","e":"bid","t":1795485600123,"price":912345678,"label":"68号","seq":1217,'
    '"ends":1795487400123}'
)
watchers = set()


def place(amount_fen: int) -> None:
    """Place the next bid of the firm that does not lead."""
    auction = Auction.objects.select_related("tender__process", "leader").get()
    bidders = auction.tender.bidders.exclude(pk=auction.leader_id or 0).select_related("organization", "signed_up_by")
    bidder = bidders.order_by("pk")[0]
    key = f"key-{amount_fen}"
    place_bid(auction=auction, organization=bidder.organization, amount_fen=amount_fen, key=key, by=bidder.signed_up_by)


async def application(scope, receive, send):
    path = scope.get("path", "")
    if path == "/raw/":
        await receive()
        await send({"type": "websocket.accept"})
        watchers.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        watchers.discard(send)
    elif path == "/push/":
        await sync_to_async(place)(int(parse_qs(scope["query_string"].decode())["amount"][0]))
        for write in tuple(watchers):
            await write({"type": "websocket.send", "text": FRAME})
        await answer(send)
    else:
        await ours(scope, receive, send)


async def answer(send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
