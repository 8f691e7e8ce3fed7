"""The cashier page of the local gateway: log in, look, pay with the pay password, or leave."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from django.template import Context, Engine

from .codes import Codes
from .content import yuan
from .orders import CODE, PAGE, WAP, check_order
from .protocol import Refusal, Request, sign_front
from .store import ACCOUNTS, FEES, PASSWORD, PAY_PASSWORD, SELLER
from .trades import Desk

FOLDER = Path(__file__).parent / "templates" / "sandbox"
ENGINE = Engine(dirs=[str(FOLDER)])
BUYERS = [account for account in ACCOUNTS if account[0] not in {SELLER, FEES}]


@dataclass
class Page:
    """An answer; one that `is_lost` breaks the connection instead of arriving."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_lost: bool = False


def render(template: str, status: int = 200, **words: Any) -> Page:
    html = ENGINE.get_template(template).render(Context(words))
    return Page(html.encode(), status, {"Content-Type": "text/html; charset=utf-8"})


def redirect(url: str, status: int = 302) -> Page:
    return Page(status=status, headers={"Location": url})


@dataclass
class Cashier:
    """Serve the visits that signed pay requests have opened."""

    desk: Desk
    codes: Codes
    key: rsa.RSAPrivateKey

    def begin(self, request: Request) -> Page:
        """Open a visit for a verified pay request and send the browser to it."""
        try:
            check_order(request.content, self.desk.clock(), method=request.method)
        except Refusal as refusal:
            return render("error.html", 400, title="订单不能付款", code=refusal.sub_code, message=refusal.sub_msg)
        return self._open(request)

    def scan(self, code: str) -> Page:
        """Open a visit for whoever scans a code; the trade begins here."""
        try:
            return self._open(self.codes.scan(code))
        except Refusal as refusal:
            return render("error.html", 400, title="这个码不能付款", code=refusal.sub_code, message=refusal.sub_msg)

    def _open(self, request: Request) -> Page:
        token = secrets.token_urlsafe(18)
        self.desk.store.run(
            "INSERT INTO visit (token, content, notify_url, return_url, began) VALUES (?, ?, ?, ?, ?)",
            (token, json.dumps(request.content), request.notify_url, request.return_url, time.time()),
        )
        return redirect(f"/cashier/{token}")

    def serve(self, method: str, token: str, verb: str, form: dict[str, str]) -> Page:
        """Show a visit, or do what its buttons say."""
        visit = self.desk.store.one("SELECT * FROM visit WHERE token = ?", (token,))
        if visit is None:
            return render("error.html", 404, title="没有这个收银台", message="链接已失效，请回到商户页面重新付款。")
        if method == "GET":
            return self._show(visit)
        try:
            if verb == "login":
                return self._log_in(visit, form)
            if verb == "logout":
                self.desk.store.run("UPDATE visit SET buyer_id = '' WHERE token = ?", (token,))
                return redirect(f"/cashier/{token}")
            if verb == "pay":
                return self._pay(visit, form)
        except Refusal as refusal:
            return self._show(visit, error=refusal.sub_msg, status=422)
        return render("error.html", 404, title="没有这个页面", message="请回到商户页面。")

    def _log_in(self, visit: dict[str, Any], form: dict[str, str]) -> Page:
        account = self.desk.store.one("SELECT * FROM account WHERE logon_id = ?", (form.get("logon_id", "").strip(),))
        if account is None or not account["password"] or account["password"] != form.get("password"):
            return self._show(visit, error="账号或登录密码不正确。", status=422, logon_id=form.get("logon_id", ""))
        content = json.loads(visit["content"])
        addresses = visit["notify_url"], visit["return_url"]
        self.desk.open_trade(
            content, account["user_id"], *addresses, takes_over=True
        )  # nobody has paid: one may change
        self.desk.store.run("UPDATE visit SET buyer_id = ? WHERE token = ?", (account["user_id"], visit["token"]))
        return redirect(f"/cashier/{visit['token']}")

    def _pay(self, visit: dict[str, Any], form: dict[str, str]) -> Page:
        if not visit["buyer_id"]:
            return redirect(f"/cashier/{visit['token']}")
        content = json.loads(visit["content"])
        trade = self.desk.open_trade(content, visit["buyer_id"], visit["notify_url"], visit["return_url"])
        self.desk.pay(trade["trade_no"], form.get("pay_password", ""))
        return redirect(f"/cashier/{visit['token']}")

    def _show(self, visit: dict[str, Any], *, error: str = "", status: int = 200, logon_id: str = "") -> Page:
        content = json.loads(visit["content"])
        trade = self.desk.store.one(
            "SELECT * FROM trade WHERE out_trade_no = ? AND buyer_id = ?",
            (content["out_trade_no"], visit["buyer_id"]),
        )
        words: dict[str, Any] = {
            "visit": visit,
            "subject": content["subject"],
            "amount": f"{Decimal(content['total_amount']):,.2f}",
            "out_trade_no": content["out_trade_no"],
            "time_expire": content.get("time_expire", ""),
            "merchant": ACCOUNTS[0][2],
            "error": error,
            "logon_id": logon_id,
            "back": _web(content.get("quit_url", "")) or _web(visit["return_url"]),
            "is_phone": content["product_code"] != PAGE,
            "is_code": content["product_code"] == CODE,
        }
        if trade is not None and trade["gmt_payment"]:
            return render("paid.html", **words, trade=trade, back_url=self._return_url(visit, trade))
        if visit["buyer_id"] and trade is not None:
            buyer = self.desk.store.one("SELECT * FROM account WHERE user_id = ?", (visit["buyer_id"],)) or {}
            balance = f"{int(buyer.get('balance_fen', 0)) // 100:,}.{int(buyer.get('balance_fen', 0)) % 100:02d}"
            return render("pay.html", status, **words, buyer=buyer, balance=balance, pay_password=PAY_PASSWORD)
        accounts = [(logon_id, name) for _, logon_id, name, _ in BUYERS]
        return render("login.html", status, **words, accounts=accounts, password=PASSWORD)

    def _return_url(self, visit: dict[str, Any], trade: dict[str, Any]) -> str:
        """Return the merchant's page with the signed front parameters; they inform, they prove nothing."""
        if not _web(visit["return_url"]):
            return ""
        way = "wap" if json.loads(visit["content"])["product_code"] == WAP else "page"
        fields = {
            "charset": "utf-8",
            "out_trade_no": trade["out_trade_no"],
            "method": f"alipay.trade.{way}.pay.return",
            "total_amount": yuan(trade["total_fen"]),
            "trade_no": trade["trade_no"],
            "auth_app_id": self.desk.app_id,
            "version": "1.0",
            "app_id": self.desk.app_id,
            "seller_id": SELLER,
            "timestamp": self.desk.now(),
        }
        joint = "&" if "?" in visit["return_url"] else "?"
        return visit["return_url"] + joint + urlencode(sign_front(fields, self.key))


def _web(url: Any) -> str:
    """Return a merchant's address when a browser may be led there, else nothing."""
    return str(url) if urlsplit(str(url)).scheme in {"http", "https"} else ""
