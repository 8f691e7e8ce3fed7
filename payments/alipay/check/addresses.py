"""Addresses: where we ask, and where Alipay tells us."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import httpx

from .findings import Finding, Setup, doubtful, good, is_inside, is_this_machine, wrong

RETIRED = {"openapi.alipaydev.com": "openapi-sandbox.dl.alipaydev.com"}
NOT_ALLOWED = 405  # what an address that takes only POST answers to GET


def check_addresses(setup: Setup) -> Generator[Finding, None, bool]:
    """Look at the gateway's address; return whether it makes sense to ask there."""
    if not _is_web(setup.gateway_url):
        yield wrong("gateway_url", f"ALIPAY_GATEWAY_URL 是“{setup.gateway_url}”，应为完整的 https 地址。")
        return False
    parts = httpx.URL(setup.gateway_url)
    host = parts.host
    if host in RETIRED:
        yield wrong("gateway_url", f"ALIPAY_GATEWAY_URL 用的 {host} 已停用，沙箱现在是 {RETIRED[host]}。")
        return False
    if setup.is_local and not is_this_machine(host):
        yield wrong("gateway_url", f"没有配置密钥，却要访问 {host}：请填写应用私钥和支付宝公钥，或改用本地网关。")
        return False
    if parts.scheme == "http" and not is_this_machine(host):
        yield wrong("gateway_url", f"ALIPAY_GATEWAY_URL 对 {host} 用了 http，付款信息会明文传送，请改为 https。")
        return False
    if parts.path != "/gateway.do":
        yield doubtful("gateway_url", f"ALIPAY_GATEWAY_URL 的路径是“{parts.path}”，支付宝的网关一般是 /gateway.do。")
    if not setup.is_local and is_this_machine(host):
        yield doubtful("gateway_url", "配置了密钥，访问的却是本机：如果要连真正的支付宝，请改 ALIPAY_GATEWAY_URL。")
    return True


def check_notify_address(setup: Setup, http: httpx.Client) -> Iterator[Finding]:
    """Look at the address of notices and visit it from here; from outside only Alipay can tell."""
    if not _is_web(setup.notify_url):
        yield wrong("notify_url", f"通知地址是“{setup.notify_url}”，请检查 ALIPAY_NOTIFY_BASE_URL 和 BASE_URL。")
        return
    parts = httpx.URL(setup.notify_url)
    host = parts.host
    if parts.query:
        yield wrong("notify_url", f"通知地址 {setup.notify_url} 带了参数，会弄乱通知的签名，请去掉。")
        return
    if setup.is_local and not is_this_machine(host):
        yield wrong("notify_url", f"本地网关只通知本机，到不了 {host}：请把 ALIPAY_NOTIFY_BASE_URL 设为本机地址。")
        return
    if not setup.is_local and is_inside(host):
        yield wrong("notify_url", f"通知地址在 {host}，支付宝从外网到不了：请把 ALIPAY_NOTIFY_BASE_URL 设为公网地址。")
        return
    yield _visited(setup, http)


def _is_web(url: str) -> bool:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.host)


def _visited(setup: Setup, http: httpx.Client) -> Finding:
    url = setup.notify_url
    try:
        answer = http.get(url)
    except httpx.HTTPError as error:
        return doubtful("notify_url", f"从本机访问不了通知地址 {url}（{_why(error)}）：网站启动了吗？")
    if answer.is_redirect:
        return wrong("notify_url", f"通知地址 {url} 会跳转，支付宝不跟随跳转：请写跳转后的地址。")
    if answer.status_code != NOT_ALLOWED:
        return wrong("notify_url", f"通知地址 {url} 回答 {answer.status_code}，那里不是本系统的通知接口。")
    outside = "" if setup.is_local else "支付宝能否到达，要等第一条通知才知道。"
    return good("notify_url", f"通知地址 {url} 从本机可以到达。{outside}")


def _why(error: httpx.HTTPError) -> str:
    return {"ConnectError": "连不上", "ConnectTimeout": "连接超时", "ReadTimeout": "没有回应"}.get(
        type(error).__name__, type(error).__name__
    )
