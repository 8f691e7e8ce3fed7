"""The local gateway as a web application: /gateway.do for programs, /cashier/ and /qr/ for buyers; ASGI when served, else WSGI."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from payments.alipay.certificates import Certificates
from payments.alipay.keys import private_key, public_key

from .bills import DOWNLOAD, BillDesk
from .cashier import FOLDER, Cashier, Page, redirect, render
from .certificates import ensure_sandbox_certificates
from .codes import PRECREATE, Codes
from .controls import PATH as FAULTS
from .controls import Caller, Controls
from .faults import Faults
from .keys import ensure_sandbox_keys
from .notifier import Notifier, Post, post_over_http
from .payouts import Payouts
from .protocol import Refusal, Request, Seal, accept, read_request, refuse
from .refunds import Refunds
from .splits import PERCENT, Splits
from .store import Store
from .trades import Desk

MAX_BODY = 256 * 1024
CASHIERS = frozenset({"alipay.trade.page.pay", "alipay.trade.wap.pay"})
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'",
    "Referrer-Policy": "no-referrer",
}


def wall() -> datetime:
    return datetime.now(UTC)


class Sandbox:
    """Hold one gateway: its store, desk, cashier and notifier."""

    def __init__(
        self,
        folder: Path,
        *,
        app_id: str,
        clock: Callable[[], datetime] = wall,
        speed: float = 1.0,
        post: Post = post_over_http,
        faults: Faults | None = None,
        split_percent: int = PERCENT,
    ) -> None:
        pair = ensure_sandbox_keys(folder)
        self._app_id, self._folder = app_id, folder
        self._key = private_key(pair.alipay_private)
        self._app_key = public_key(pair.app_public)
        self.faults = faults or Faults()
        self._controls = Controls(self.faults)
        self.store = Store(folder / "gateway.sqlite3")
        self.notifier = Notifier(self.store, self._key, app_id=app_id, speed=speed, post=post, faults=self.faults)
        self.desk = Desk(self.store, clock, self.notifier.queue, app_id, self.faults)
        self.notifier.desk = self.desk
        payouts = Payouts(self.store, self.desk.clock)
        refunds, codes, splits = Refunds(self.desk), Codes(self.desk), Splits(self.desk, split_percent)
        self.bills = BillDesk(self.desk)
        self.cashier = Cashier(self.desk, codes, self._key)
        by_content = {
            "alipay.trade.query": self.desk.trade_query,
            "alipay.trade.close": self.desk.trade_close,
            "alipay.trade.cancel": refunds.cancel,
            "alipay.trade.refund": refunds.refund,
            "alipay.trade.fastpay.refund.query": refunds.refund_query,
            "alipay.trade.royalty.relation.bind": splits.bind,
            "alipay.trade.order.settle": splits.settle,
            "alipay.trade.order.settle.query": splits.query,
            "alipay.fund.trans.uni.transfer": payouts.transfer,
            "alipay.fund.trans.common.query": payouts.transfer_query,
        }
        self._methods: dict[str, Callable[[Request], dict[str, Any]]] = {
            PRECREATE: codes.precreate,
            "alipay.data.dataservice.bill.downloadurl.query": self.bills.link,
            **{name: _of_content(method) for name, method in by_content.items()},
        }

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as a WSGI application."""
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(min(size, MAX_BODY + 1)) if size else b""
        path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
        origin = _origin(environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""))
        caller = Caller(origin, environ.get("REMOTE_ADDR", ""), environ.get("HTTP_ORIGIN", ""))
        page = self.answer(environ["REQUEST_METHOD"], path, query, body, caller=caller)
        if page.is_lost:
            raise ConnectionResetError("the answer is lost, on purpose")
        start_response(f"{page.status} {HTTPStatus(page.status).phrase}", list(self._headers(page).items()))
        return [page.body]

    async def asgi(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer as an ASGI application, each request in a thread."""
        body, more = b"", True
        while more and len(body) <= MAX_BODY:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = scope["query_string"].decode("latin-1")
        sent = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin = _origin(scope.get("scheme", "http"), sent.get(b"host", ""))
        caller = Caller(origin, (scope.get("client") or ("",))[0], sent.get(b"origin", ""))
        page = await asyncio.to_thread(self.answer, scope["method"], scope["path"], query, body, caller=caller)
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in self._headers(page).items()]
        await send({"type": "http.response.start", "status": page.status, "headers": headers})
        # A lost answer stops after half of it; the server then breaks the connection.
        body = page.body[: len(page.body) // 2] if page.is_lost else page.body
        await send({"type": "http.response.body", "body": body, "more_body": page.is_lost})

    def _headers(self, page: Page) -> dict[str, str]:
        return {**HEADERS, "Content-Length": str(len(page.body)), **page.headers}

    def answer(self, method: str, path: str, query: str, body: bytes, *, caller: Caller) -> Page:
        """Return the page for a request, its notices delivered before it when a switch says so."""
        page = self._answer(method, path, query, body, caller)
        self.notifier.deliver_early()
        return page

    def _answer(self, method: str, path: str, query: str, body: bytes, caller: Caller) -> Page:
        if len(body) > MAX_BODY:
            return Page(status=413)
        if path == "/gateway.do":
            return self._gateway(query, body, caller.origin)
        if path == DOWNLOAD:
            return self._bill(dict(parse_qsl(query)).get("token", ""))
        if path == "/cashier.css":
            return Page((FOLDER / "cashier.css").read_bytes(), headers={"Content-Type": "text/css; charset=utf-8"})
        if path == "/mark.svg":
            return Page((FOLDER / "mark.svg").read_bytes(), headers={"Content-Type": "image/svg+xml"})
        if path == "/":
            return render("front.html")
        parts = path.strip("/").split("/")
        if parts[0] == "qr" and len(parts) == 2 and method == "GET":
            return self.cashier.scan(parts[1])
        if parts[0] == "cashier" and len(parts) in {2, 3} and method in {"GET", "POST"}:
            if method == "GET" and len(parts) == 3:
                return redirect(f"/cashier/{parts[1]}")
            return self.cashier.serve(method, parts[1], parts[2] if len(parts) == 3 else "", _form(body))
        if path == FAULTS and method in {"GET", "POST"}:
            return self._controls.serve(method, _form(body), caller)
        return render("error.html", 404, title="没有这个页面", message="这里是本地支付宝沙箱，只有收银台和网关。")

    def _bill(self, token: str) -> Page:
        content = self.bills.file(token)
        if content is None:
            return render("error.html", 403, title="下载链接已失效", message="账单链接只在三十秒内有效，请重新查询。")
        return Page(content, headers={"Content-Type": "application/zip"})

    def _gateway(self, query: str, body: bytes, origin: str) -> Page:
        known = frozenset({*self._methods, *CASHIERS})
        try:
            request = read_request(
                query,
                body,
                app_id=self._app_id,
                app_key=self._app_key,
                methods=known,
                wall=wall(),
                origin=origin,
                papers=self._papers,
            )
        except Refusal as refusal:
            if refusal.method in CASHIERS:
                return render("error.html", 400, title="付款请求有误", code=refusal.sub_code, message=refusal.sub_msg)
            return _json(refuse(refusal, refusal.method, self._seal(refusal)))
        if request.method in CASHIERS:
            return self.cashier.begin(request)
        try:
            if self.faults.take("unavailable", method=request.method):
                raise Refusal("20000", "isp.unknow-error", "服务暂不可用")
            fields = self._methods[request.method](request)
            page = _json(accept(request.method, fields, self._seal(request)))
        except Refusal as refusal:
            page = _json(refuse(refusal, request.method, self._seal(request)))
        slow = self.faults.take("slow", method=request.method)
        if slow:
            self.faults.sleep(slow.seconds)
        page.is_lost = self.faults.take("answer_lost", method=request.method) is not None
        return page

    def _papers(self) -> Certificates:
        return ensure_sandbox_certificates(self._folder, app_id=self._app_id).load()

    def _seal(self, asked: Request | Refusal) -> Seal:
        """Return what signs an answer, in the mode in which was asked."""
        if not asked.is_certified:
            return Seal(self._key)
        is_first = self.faults.take("cert_sn_before_sign", method=asked.method) is not None
        return Seal(self._key, self._papers().alipay_number, is_first)


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _of_content(method: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Request], dict[str, Any]]:
    return lambda request: method(request.content)


def _origin(scheme: str, host: str) -> str:
    """Return the address that links to this gateway begin with; an odd host is not repeated."""
    return f"{scheme}://{host}" if re.fullmatch(r"[A-Za-z0-9.\-\[\]:]{1,255}", host) else "http://127.0.0.1:8001"


def _json(body: bytes) -> Page:
    return Page(body, headers={"Content-Type": "text/html;charset=utf-8"})
