"""What a check is given and what it says."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric import rsa

from payments.alipay.certificates import Certificates

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One sentence; `code` is its stable name."""

    level: Level
    code: str
    sentence: str


@dataclass(frozen=True)
class Setup:
    """Settings as they were given, not yet believed. Certificates are PEM texts or paths; `is_local` is the local gateway."""

    gateway_url: str
    app_id: Any
    seller_id: Any
    private_key: str
    public_key: str
    notify_url: str
    is_local: bool = False
    app_cert: str = ""
    alipay_cert: str = ""
    root_cert: str = ""


@dataclass(frozen=True)
class Pair:
    """Our private key and Alipay's public key; in certificate mode the certificates too."""

    private: rsa.RSAPrivateKey
    alipay: rsa.RSAPublicKey
    papers: Certificates | None = None


def good(code: str, sentence: str) -> Finding:
    return Finding("ok", code, sentence)


def doubtful(code: str, sentence: str) -> Finding:
    return Finding("warning", code, sentence)


def wrong(code: str, sentence: str) -> Finding:
    return Finding("error", code, sentence)


def is_this_machine(host: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_inside(host: str) -> bool:
    """Tell whether a host can be reached only from this machine or network; a name is judged by its form."""
    if is_this_machine(host):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.rsplit(".", 1)[-1] in {"local", "internal", "lan", "test", "invalid", "example"}
