"""Codes to scan: given out by precreate, scanned at /qr/<code>; the trade begins at the scan."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from .content import text_of
from .orders import canonical, check_order
from .protocol import Request, business
from .trades import Desk, check_again

PRECREATE = "alipay.trade.precreate"


@dataclass
class Codes:
    """Give out codes and find the order behind one."""

    desk: Desk

    def precreate(self, request: Request) -> dict[str, Any]:
        """Return the code of an order; the same order under the same number has the same code [decided here]."""
        content = request.content
        check_order(content, self.desk.clock(), method=PRECREATE)
        number, text = text_of(content, "out_trade_no"), canonical(content)
        with self.desk.store.change():
            trade = self.desk.find(out_trade_no=number)
            if trade is not None:
                check_again(trade, text)
            known = self.desk.store.one("SELECT * FROM code WHERE out_trade_no = ?", (number,))
            if known is not None and known["is_dead"]:
                raise business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
            if known is not None and known["content"] != text:
                raise business("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
            code = known["code"] if known is not None else f"bax{secrets.token_hex(12)}"
            if known is None:
                self.desk.store.run(
                    "INSERT INTO code (code, out_trade_no, content, notify_url) VALUES (?, ?, ?, ?)",
                    (code, number, text, request.notify_url),
                )
        return {"out_trade_no": number, "qr_code": f"{request.origin}/qr/{code}"}

    def scan(self, code: str) -> Request:
        """Begin the trade of a code and return its order; refuses a code that is unknown, dead, paid or too late."""
        known = self.desk.store.one("SELECT * FROM code WHERE code = ?", (code,))
        if known is None or known["is_dead"]:
            raise business("ACQ.TRADE_HAS_CLOSE", "二维码已失效，请回到商户页面换一个。")
        content = json.loads(known["content"])
        self.desk.open_trade(content, "", known["notify_url"], "")
        return Request(PRECREATE, content, known["notify_url"], "")
