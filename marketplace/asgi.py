"""The ASGI application: pages over HTTP, payment notices in groups, live rooms over WebSocket."""

import os
import sys

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import OriginValidator  # noqa: E402
from channels.sessions import CookieMiddleware  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import reverse  # noqa: E402

from payments.intake import take_notice  # noqa: E402
from realtime.routing import websocket_urlpatterns  # noqa: E402

NOTIFY = reverse("payments:alipay_notify")


async def pages(scope, receive, send):
    """Let notices in by a door of their own, everything else through Django's."""
    await (take_notice if scope["path"] == NOTIFY else http)(scope, receive, send)


application = ProtocolTypeRouter(
    {
        "http": pages,
        # Who sits behind a socket the room asks itself (realtime/bids.py): at the door and again at each bid.
        "websocket": OriginValidator(CookieMiddleware(URLRouter(websocket_urlpatterns)), settings.WEBSOCKET_ORIGINS),
    }
)

# The event loop and the threads that decide bids share the interpreter: each lets the other in after half a millisecond.
sys.setswitchinterval(0.0005)
