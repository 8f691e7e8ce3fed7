"""Whom webhooks may reach: public addresses over https, and the hosts that settings list. Never our own network by accident.

An address is judged twice: when the endpoint is registered, and at each connection, where the address that was judged is the
one connected to. So a name that changes its address between (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.core.refusals import Invalid

MAX_LENGTH = 2048
PORTS = {"http": 80, "https": 443}
_PLAIN = re.compile(
    r"[!-~]+"
)  # visible ASCII: no blanks, no control characters, nothing that somebody else reads differently
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# What a network that speaks version 6 alone makes of addresses of version 4: what counts is where that one leads.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Not public although Python's tables (3.11) may call them global.
_NEVER = tuple(ipaddress.ip_network(net) for net in ("192.0.0.0/24", "198.18.0.0/15", "::/8", "64:ff9b:1::/48"))


class TargetRefused(Exception):
    """Be raised for an address that webhooks may not reach; its text says why."""


@dataclass(frozen=True)
class Target:
    """Be an address of a receiver, taken apart: `host` in ASCII without brackets, `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_listed(self) -> bool:
        """Tell whether settings name this host, alone or with this port, as one that may be private and plain http."""
        listed = {one.strip().lower() for one in settings.PAYMENTS_WEBHOOK_PRIVATE_HOSTS}
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return not listed.isdisjoint({self.host, shown, f"{shown}:{self.port}"})

    @property
    def shown_host(self) -> str:
        """Give the host as the Host header says it: with the port where it is not the usual one."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == PORTS[self.scheme] else f"{shown}:{self.port}"


def read(url: str) -> Target:
    """Take an address apart; raises TargetRefused for one that is malformed or of a kind that is never sent to."""
    if not isinstance(url, str) or len(url) > MAX_LENGTH or "\\" in url or any(mark.isspace() for mark in url):
        raise TargetRefused(_("地址格式不正确。"))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetRefused(_("地址格式不正确。")) from error
    if parts.scheme not in PORTS or not parts.hostname or parts.fragment or port == 0:
        raise TargetRefused(_("请填写以 https:// 开头的完整地址，不含 # 部分。"))
    if "@" in parts.netloc:
        raise TargetRefused(_("地址中不能带用户名和密码。"))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not _PLAIN.fullmatch(path):
        raise TargetRefused(_("地址中的路径须为 ASCII 字符，其他字符请先编码。"))
    target = Target(parts.scheme, _host(parts), port or PORTS[parts.scheme], path)
    if target.scheme == "http" and not (settings.DEBUG or settings.DEMO or target.is_listed):
        raise TargetRefused(_("只能推送到 https 地址。"))
    return target


def _host(parts: SplitResult) -> str:
    name = (parts.hostname or "").rstrip(".")
    if ":" in name:
        try:
            return str(ipaddress.IPv6Address(name)) if "%" not in name else _refuse_host()
        except ValueError:
            return _refuse_host()
    if not name.isascii():
        try:
            name = httpx.URL(f"https://{name}/").raw_host.decode()  # in IDNA's form
        except httpx.InvalidURL:
            return _refuse_host()
    return name if _NAME.fullmatch(name) and len(name) <= 253 else _refuse_host()


def _refuse_host() -> str:
    raise TargetRefused(_("地址中的主机名不正确。"))


def is_public(text: str) -> bool:
    """Tell whether an IP address lies on the public internet.

    Addresses of version 6 that wrap one of version 4 (mapped, compatible, 6to4, Teredo) are never public: no honest name
    has one, and they lead wherever the wrapped one does.
    """
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
        if address.ipv4_mapped or address.sixtofour or address.teredo or address.is_site_local:
            return False
    if address.is_multicast or address.is_reserved or address.is_unspecified or not address.is_global:
        return False
    return not any(address.version == net.version and address in net for net in _NEVER)


def resolve(target: Target) -> list[str]:
    """Return the addresses to connect to, in the resolver's order; raises TargetRefused, or OSError for an unknown name.

    One address that is not public refuses all of them: a name has no honest reason to mix the two.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not target.is_listed and not all(is_public(address) for address in addresses):
        raise TargetRefused(_("这个地址在内部网络或保留网段，不能推送。"))
    return addresses


def check_url(url: str) -> None:
    """Refuse (`webhook_url_invalid`, 422) what may not be reached. Asks the resolver: call it outside a transaction.

    A name that cannot be resolved now is let through: it may be registered before it exists, and is judged at each delivery.
    """
    try:
        resolve(read(url))
    except TargetRefused as refused:
        raise Invalid("webhook_url_invalid", str(refused), field="url") from refused
    except (OSError, UnicodeError):
        return
