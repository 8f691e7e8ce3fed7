"""WebSocket addresses."""

from __future__ import annotations

from django.urls import re_path

from .consumers import AuctionConsumer

websocket_urlpatterns = [re_path(r"^ws/auctions/(?P<number>[A-Za-z0-9-]{1,32})/$", AuctionConsumer.as_asgi())]
