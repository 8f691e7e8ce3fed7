"""Serve the local identity provider on loopback: `python -m marketplace.accounts.sandbox PORT`."""

from __future__ import annotations

import os
import sys


def main(port: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "marketplace.accounts.sandbox.settings"
    import uvicorn
    from django.core.asgi import get_asgi_application
    from django.core.management import call_command

    application = get_asgi_application()
    call_command("migrate", verbosity=0)
    register_clients()
    uvicorn.run(application, host="127.0.0.1", port=port, lifespan="off", log_level="warning", access_log=False)


def register_clients() -> None:
    """Know the marketplace's clients, as its settings name them now."""
    from allauth.idp.oidc.models import Client

    from . import settings

    for kind, given in settings.CLIENTS.items():
        client = Client.objects.filter(pk=given["client_id"]).first() or Client(pk=given["client_id"])
        client.name = kind
        client.set_secret(given["secret"])
        client.set_scopes(["openid", "profile"])
        addresses = {
            f"{origin}/account/identity/{one}/callback/" for origin in settings.RETURNS for one in settings.CLIENTS
        }
        client.set_redirect_uris(sorted(addresses))
        client.set_post_logout_redirect_uris([f"{origin}/" for origin in settings.RETURNS])
        client.skip_consent = True
        client.save()


if __name__ == "__main__":
    main(int(sys.argv[1]))
