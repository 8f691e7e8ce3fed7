"""Which Alipay we talk to: built from settings once, the local gateway's keys where no others are given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .alipay import keys
from .alipay.certificates import CertificateRefused, Certificates, load
from .alipay.client import Client
from .alipay.gateway import Gateway
from .sandbox.keys import ensure_sandbox_keys


@dataclass(frozen=True)
class Merchant:
    """Who we are at Alipay, and whose signatures we believe."""

    app_id: str
    seller_id: str
    private_key: rsa.RSAPrivateKey
    alipay_public_key: rsa.RSAPublicKey
    certificates: Certificates | None = None


_transports: list[httpx.BaseTransport] = []
_clients: dict[tuple[object, ...], Gateway] = {}


def is_local() -> bool:
    """Tell whether payments go to the local gateway: no keys of a real one are configured."""
    return not (settings.ALIPAY_APP_PRIVATE_KEY or settings.ALIPAY_PUBLIC_KEY)


def merchant() -> Merchant:
    """Return our identity at Alipay from settings; keys may be PKCS#1 or PKCS#8, bare or PEM.

    With certificates (all three, as PEM texts or paths) the key in Alipay's takes the place of its public key.
    """
    if is_local():
        if settings.PRODUCTION:
            raise ImproperlyConfigured("PRODUCTION needs ALIPAY_APP_PRIVATE_KEY, and ALIPAY_PUBLIC_KEY or ALIPAY_CERT.")
        pair = ensure_sandbox_keys(Path(settings.ALIPAY_SANDBOX_DIR))
        private, public = pair.app_private, pair.alipay_public
    else:
        private, public = settings.ALIPAY_APP_PRIVATE_KEY, settings.ALIPAY_PUBLIC_KEY
    try:
        papers = certificates()
        alipay_key = papers.alipay_key if papers else keys.public_key(public)
        me = settings.ALIPAY_APP_ID, settings.ALIPAY_SELLER_ID
        return Merchant(*me, keys.private_key(private), alipay_key, papers)
    except (keys.KeyRefused, CertificateRefused) as refused:
        raise ImproperlyConfigured(f"Alipay: {refused}.") from refused


def certificates() -> Certificates | None:
    """Return what certificate mode needs, or None when no certificate is configured; raises CertificateRefused."""
    given = {
        "app_cert": settings.ALIPAY_APP_CERT,
        "alipay_cert": settings.ALIPAY_CERT,
        "root_cert": settings.ALIPAY_ROOT_CERT,
    }
    return load(**given) if any(given.values()) else None


def alipay() -> Gateway:
    """Return the gateway that settings name; its client and keys are kept."""
    sending = transport()
    me = merchant()
    key = (
        settings.ALIPAY_GATEWAY_URL,
        me.app_id,
        id(me.private_key),
        id(me.alipay_public_key),
        id(me.certificates),
        id(sending),
    )
    if key not in _clients:
        _clients[key] = Gateway(
            Client(
                server_url=settings.ALIPAY_GATEWAY_URL,
                app_id=me.app_id,
                app_private_key=me.private_key,
                alipay_public_key=me.alipay_public_key,
                certificates=me.certificates,
                transport=sending,
            )
        )
    return _clients[key]


def transport() -> httpx.BaseTransport | None:
    """Return what requests go through: a gateway inside this process, or None for the network."""
    return _transports[-1] if _transports else None


def push_transport(way: httpx.BaseTransport) -> None:
    """Send through `way` from now on: how seeds and tests reach a gateway inside this process."""
    _transports.append(way)


def pop_transport() -> None:
    """Undo the last `push_transport`."""
    _transports.pop()
    _clients.clear()


def notify_url() -> str:
    """Return the address that Alipay sends its notices to."""
    from django.urls import reverse

    base = settings.ALIPAY_NOTIFY_BASE_URL or settings.BASE_URL
    return f"{base}{reverse('payments:alipay_notify')}"
