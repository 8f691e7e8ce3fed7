"""What the local gateway does with trades: opened at the cashier or by a scan, paid, asked about, closed; Alipay's states and codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from payments.alipay.answers import from_china_time
from payments.alipay.client import china_time

from .content import amount, mask, yuan
from .faults import Faults
from .fees import service_fee
from .orders import WAP, canonical, check_order, expires
from .protocol import Refusal, business
from .store import FEES, SELLER, Store, shift

OPEN, PAID, FINISHED, CLOSED = "WAIT_BUYER_PAY", "TRADE_SUCCESS", "TRADE_FINISHED", "TRADE_CLOSED"
REFUNDABLE = timedelta(days=365)  # after that a trade is finished
Notify = Callable[[dict[str, Any], dict[str, str]], None]


@dataclass
class Desk:
    """Serve the methods of one merchant. `clock` is the business time; `notify` queues a notice about a trade."""

    store: Store
    clock: Callable[[], datetime]
    notify: Notify
    app_id: str
    faults: Faults

    def now(self) -> str:
        return china_time(self.clock())

    # -- the cashier -------------------------------------------------------------------------------------------------

    def open_trade(
        self, content: dict[str, Any], buyer_id: str, notify_url: str, return_url: str, *, takes_over: bool = False
    ) -> dict[str, Any]:
        """Begin a trade when the buyer has logged in or scanned, or open the same one again.

        `buyer_id` is empty at a scan: whoever logs in next has it. `takes_over` gives it to another account.
        """
        check_order(content, self.clock())
        text = canonical(content)
        with self.store.change():
            trade = self.find(out_trade_no=content["out_trade_no"])
            if trade is None:
                self.store.run(
                    "INSERT INTO trade (trade_no, out_trade_no, buyer_id, content, subject, total_fen, status, notify_url,"
                    " return_url, time_expire, gmt_create) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        self._trade_no(),
                        content["out_trade_no"],
                        buyer_id,
                        text,
                        content["subject"],
                        amount(content, "total_amount"),
                        OPEN,
                        notify_url,
                        return_url,
                        china_time(expires(content, self.clock())),
                        self.now(),
                    ),
                )
                return self.get(content["out_trade_no"])
            check_again(trade, text)
            if buyer_id and trade["buyer_id"] != buyer_id:
                if trade["buyer_id"] and not takes_over:
                    raise business("ACQ.TRADE_BUYER_NOT_MATCH", "交易买家不匹配")
                self.store.run("UPDATE trade SET buyer_id = ? WHERE trade_no = ?", (buyer_id, trade["trade_no"]))
            return self.get(content["out_trade_no"])

    def pay(self, trade_no: str, pay_password: str) -> dict[str, Any]:
        """Take the buyer's money, keep the fee and tell the merchant by a notice."""
        with self.store.change():
            trade = self.find(trade_no=trade_no)
            if trade is None or trade["status"] == CLOSED:
                raise business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
            if trade["status"] != OPEN:
                raise business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
            buyer = self.store.one("SELECT * FROM account WHERE user_id = ?", (trade["buyer_id"],))
            if buyer is None or buyer["pay_password"] != pay_password:
                raise business("PAY_PASSWORD_WRONG", "支付密码不正确，请重新输入。")
            if buyer["balance_fen"] < trade["total_fen"]:
                raise business("ACQ.BUYER_BALANCE_NOT_ENOUGH", "账户余额不足，请换一个账户付款。")
            fee = service_fee(trade["total_fen"])
            shift(self.store, buyer["user_id"], -trade["total_fen"])
            shift(self.store, SELLER, trade["total_fen"] - fee)
            shift(self.store, FEES, fee)
            self.store.run(
                "UPDATE trade SET status = ?, gmt_payment = ? WHERE trade_no = ?", (PAID, self.now(), trade_no)
            )
            trade = self.get(trade["out_trade_no"])
            self.notify(trade, {})
        return trade

    # -- the interface -----------------------------------------------------------------------------------------------

    def trade_query(self, content: dict[str, Any]) -> dict[str, Any]:
        """Tell a trade's state; who pays is told when somebody has logged in."""
        trade = self.named(content)
        fields = {
            "trade_no": trade["trade_no"],
            "out_trade_no": trade["out_trade_no"],
            "trade_status": trade["status"],
            "total_amount": yuan(trade["total_fen"]),
        }
        buyer = self.store.one("SELECT logon_id FROM account WHERE user_id = ?", (trade["buyer_id"],))
        if buyer is not None:
            fields |= {"buyer_logon_id": mask(buyer["logon_id"]), "buyer_user_id": trade["buyer_id"]}
        if trade["gmt_payment"]:
            fields |= {"send_pay_date": trade["gmt_payment"], "receipt_amount": yuan(trade["total_fen"])}
        return fields

    def trade_close(self, content: dict[str, Any]) -> dict[str, Any]:
        """Close a trade that nobody has paid; before somebody logs in or scans there is none."""
        try:
            with self.store.change():
                trade = self.named(content)
                if trade["status"] != OPEN:
                    raise business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
                self.close(trade)
        except Refusal as refusal:
            if refusal.sub_code == "ACQ.TRADE_NOT_EXIST" and self.faults.take("code_dies_at_close"):
                self.kill_code(str(content.get("out_trade_no") or ""))
            raise
        return {"trade_no": trade["trade_no"], "out_trade_no": trade["out_trade_no"]}

    # -- for the parts that work on trades ---------------------------------------------------------------------------

    def find(self, *, out_trade_no: str = "", trade_no: str = "") -> dict[str, Any] | None:
        """Return a trade, closed first when its time to pay is over, finished when its time for refunds is."""
        trade = self.store.one("SELECT * FROM trade WHERE out_trade_no = ? OR trade_no = ?", (out_trade_no, trade_no))
        if trade is None:
            return None
        until = from_china_time(trade["time_expire"])
        paid = from_china_time(trade["gmt_payment"])
        if trade["status"] == OPEN and until is not None and until <= self.clock():
            with self.store.change():
                self.close(trade)
            return self.get(trade["out_trade_no"])
        if trade["status"] == PAID and paid is not None and paid + REFUNDABLE <= self.clock():
            with self.store.change():
                self._finish(trade)
            return self.get(trade["out_trade_no"])
        return trade

    def get(self, out_trade_no: str) -> dict[str, Any]:
        trade = self.store.one("SELECT * FROM trade WHERE out_trade_no = ?", (out_trade_no,))
        assert trade is not None
        return trade

    def named(self, content: dict[str, Any]) -> dict[str, Any]:
        """Return the trade that a request names, or refuse with Alipay's code."""
        if not (content.get("out_trade_no") or content.get("trade_no")):
            raise business("ACQ.INVALID_PARAMETER", "out_trade_no与trade_no不能同时为空")
        trade = self.find(
            out_trade_no=str(content.get("out_trade_no") or ""), trade_no=str(content.get("trade_no") or "")
        )
        if trade is None:
            raise business("ACQ.TRADE_NOT_EXIST", "交易不存在")
        return trade

    def close(self, trade: dict[str, Any]) -> None:
        """Close a trade that nobody has paid."""
        self.store.run(
            "UPDATE trade SET status = ?, gmt_close = ? WHERE trade_no = ?", (CLOSED, self.now(), trade["trade_no"])
        )
        self._tell_of_end(trade)

    def kill_code(self, out_trade_no: str) -> None:
        """Let nobody scan the code of an order any more."""
        self.store.run("UPDATE code SET is_dead = 1 WHERE out_trade_no = ?", (out_trade_no,))

    def _finish(self, trade: dict[str, Any]) -> None:
        self.store.run("UPDATE trade SET status = ? WHERE trade_no = ?", (FINISHED, trade["trade_no"]))
        self._tell_of_end(trade)

    def _tell_of_end(self, trade: dict[str, Any]) -> None:
        """Owe a notice of a close or an end: by default Alipay tells of them for the cashier on phones alone."""
        if trade["buyer_id"] and json.loads(trade["content"]).get("product_code") == WAP:
            self.notify(self.get(trade["out_trade_no"]), {})

    def _trade_no(self) -> str:
        day = self.now()[:10].replace("-", "")  # China's day, as in every other moment of the gateway
        return f"{day}22001{self.store.number('trade'):015d}"


def check_again(trade: dict[str, Any], order: str) -> None:
    """Refuse to open a trade again that is paid, closed, or was another order."""
    if trade["status"] in {PAID, FINISHED}:
        raise business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
    if trade["status"] == CLOSED:
        raise business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
    if trade["content"] != order:
        raise business("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
