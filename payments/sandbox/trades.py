"""What the local gateway does: trades and refunds with Alipay's states and error codes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from payments.alipay.answers import from_china_time
from payments.alipay.client import china_time

from .content import amount, mask, text_of, yuan
from .protocol import business
from .store import SELLER, Store, shift

OPEN, PAID, FINISHED, CLOSED = "WAIT_BUYER_PAY", "TRADE_SUCCESS", "TRADE_FINISHED", "TRADE_CLOSED"
LONGEST = timedelta(days=15)
MINUTES = {"m": 1, "h": 60, "d": 1440}
Notify = Callable[[dict[str, Any], dict[str, str]], None]


@dataclass
class Desk:
    """Serve the methods of one merchant. `clock` is the business time; `notify` queues a notice about a trade."""

    store: Store
    clock: Callable[[], datetime]
    notify: Notify
    app_id: str

    def now(self) -> str:
        return china_time(self.clock())

    # -- the cashier -------------------------------------------------------------------------------------------------

    def check_order(self, content: dict[str, Any]) -> None:
        """Refuse an order that Alipay would not show at its cashier."""
        if not re.fullmatch(r"[A-Za-z0-9_]{1,64}", text_of(content, "out_trade_no")):
            raise business("ACQ.INVALID_PARAMETER", "out_trade_no只能是64位以内的字母、数字和下划线")
        if not 1 <= amount(content, "total_amount") <= 10**10:
            raise business("ACQ.INVALID_PARAMETER", "total_amount超出范围")
        subject = text_of(content, "subject")
        if len(subject) > 256 or set(subject) & set("/=&"):
            raise business("ACQ.INVALID_PARAMETER", "subject过长或含有特殊字符")
        if content.get("product_code") != "FAST_INSTANT_TRADE_PAY":
            raise business("ACQ.INVALID_PARAMETER", "product_code应为FAST_INSTANT_TRADE_PAY")
        if self._expires(content) <= self.clock():
            raise business("ACQ.TRADE_HAS_CLOSE", "订单已超过付款时限")

    def open_trade(
        self, content: dict[str, Any], buyer_id: str, notify_url: str, return_url: str, *, takes_over: bool = False
    ) -> dict[str, Any]:
        """Begin a trade when the buyer has logged in, or open the same one again; `takes_over` from another account."""
        self.check_order(content)
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        with self.store.change():
            trade = self._find(out_trade_no=content["out_trade_no"])
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
                        china_time(self._expires(content)),
                        self.now(),
                    ),
                )
                return self._get(content["out_trade_no"])
            if trade["status"] in {PAID, FINISHED}:
                raise business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
            if trade["status"] == CLOSED:
                raise business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
            if trade["content"] != text:
                raise business("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
            if trade["buyer_id"] != buyer_id:
                if not takes_over:
                    raise business("ACQ.TRADE_BUYER_NOT_MATCH", "交易买家不匹配")
                self.store.run("UPDATE trade SET buyer_id = ? WHERE trade_no = ?", (buyer_id, trade["trade_no"]))
            return self._get(content["out_trade_no"])

    def pay(self, trade_no: str, pay_password: str) -> dict[str, Any]:
        """Take the buyer's money and tell the merchant by a notice."""
        with self.store.change():
            trade = self._find(trade_no=trade_no)
            if trade is None or trade["status"] == CLOSED:
                raise business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
            if trade["status"] != OPEN:
                raise business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
            buyer = self.store.one("SELECT * FROM account WHERE user_id = ?", (trade["buyer_id"],))
            if buyer is None or buyer["pay_password"] != pay_password:
                raise business("PAY_PASSWORD_WRONG", "支付密码不正确，请重新输入。")
            if buyer["balance_fen"] < trade["total_fen"]:
                raise business("ACQ.BUYER_BALANCE_NOT_ENOUGH", "账户余额不足，请换一个账户付款。")
            shift(self.store, buyer["user_id"], -trade["total_fen"])
            shift(self.store, SELLER, trade["total_fen"])
            self.store.run(
                "UPDATE trade SET status = ?, gmt_payment = ? WHERE trade_no = ?", (PAID, self.now(), trade_no)
            )
            trade = self._get(trade["out_trade_no"])
            self.notify(trade, {})
        return trade

    # -- the interface -----------------------------------------------------------------------------------------------

    def trade_query(self, content: dict[str, Any]) -> dict[str, Any]:
        trade = self._named(content)
        buyer = self.store.one("SELECT logon_id FROM account WHERE user_id = ?", (trade["buyer_id"],)) or {}
        fields = {
            "trade_no": trade["trade_no"],
            "out_trade_no": trade["out_trade_no"],
            "buyer_logon_id": mask(buyer.get("logon_id", "")),
            "buyer_user_id": trade["buyer_id"],
            "trade_status": trade["status"],
            "total_amount": yuan(trade["total_fen"]),
        }
        if trade["gmt_payment"]:
            fields |= {"send_pay_date": trade["gmt_payment"], "receipt_amount": yuan(trade["total_fen"])}
        return fields

    def trade_close(self, content: dict[str, Any]) -> dict[str, Any]:
        with self.store.change():
            trade = self._named(content)
            if trade["status"] != OPEN:
                raise business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
            self._close(trade)
        return {"trade_no": trade["trade_no"], "out_trade_no": trade["out_trade_no"]}

    def trade_refund(self, content: dict[str, Any]) -> dict[str, Any]:
        fen = amount(content, "refund_amount")
        with self.store.change():
            trade = self._named(content)
            number = str(content.get("out_request_no") or trade["out_trade_no"])
            done = self._refund(trade["trade_no"], number)
            if done is not None:
                if done["amount_fen"] != fen:
                    raise business("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
                return self._refunded(trade, done, "N")
            if trade["status"] == FINISHED:
                raise business("ACQ.TRADE_HAS_FINISHED", "交易已完结")
            if trade["status"] != PAID:
                raise business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
            if not content.get("out_request_no") and fen != trade["total_fen"]:
                raise business("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "部分退款须有out_request_no")
            if fen < 1 or trade["refunded_fen"] + fen > trade["total_fen"]:
                raise business("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效")
            if not shift(self.store, SELLER, -fen):
                raise business("ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户余额不足")
            shift(self.store, trade["buyer_id"], fen)
            self.store.run(
                "INSERT INTO refund VALUES (?, ?, ?, ?, ?)",
                (trade["trade_no"], number, fen, str(content.get("refund_reason", "")), self.now()),
            )
            is_full = trade["refunded_fen"] + fen == trade["total_fen"]
            self.store.run(
                "UPDATE trade SET refunded_fen = refunded_fen + ?, status = ?, gmt_close = ? WHERE trade_no = ?",
                (fen, CLOSED if is_full else PAID, self.now() if is_full else "", trade["trade_no"]),
            )
            trade = self._get(trade["out_trade_no"])
            self.notify(
                trade,
                {
                    "refund_fee": yuan(trade["refunded_fen"]),
                    "gmt_refund": self.now() + ".000",
                    "out_biz_no": number,
                },
            )
            done = self._refund(trade["trade_no"], number)
            assert done is not None
            return self._refunded(trade, done, "Y")

    def refund_query(self, content: dict[str, Any]) -> dict[str, Any]:
        trade = self._named(content)
        fields = {"trade_no": trade["trade_no"], "out_trade_no": trade["out_trade_no"]}
        done = self._refund(trade["trade_no"], text_of(content, "out_request_no"))
        if done is None:
            return fields
        return fields | {
            "out_request_no": done["out_request_no"],
            "total_amount": yuan(trade["total_fen"]),
            "refund_amount": yuan(done["amount_fen"]),
            "refund_status": "REFUND_SUCCESS",
            "gmt_refund_pay": done["gmt_refund"],
        }

    # -- inside ------------------------------------------------------------------------------------------------------

    def _expires(self, content: dict[str, Any]) -> datetime:
        try:
            if content.get("time_expire"):
                moment = from_china_time(str(content["time_expire"]))
                assert moment is not None
                return moment
            if content.get("timeout_express"):
                found = re.fullmatch(r"(\d+)([mhd])", str(content["timeout_express"]))
                assert found is not None
                return self.clock() + timedelta(minutes=int(found[1]) * MINUTES[found[2]])
        except (ValueError, AssertionError) as error:
            raise business("ACQ.INVALID_PARAMETER", "付款时限格式不正确") from error
        return self.clock() + LONGEST

    def _find(self, *, out_trade_no: str = "", trade_no: str = "") -> dict[str, Any] | None:
        """Return a trade, closed first when its time is over."""
        trade = self.store.one("SELECT * FROM trade WHERE out_trade_no = ? OR trade_no = ?", (out_trade_no, trade_no))
        if trade is None or trade["status"] != OPEN:
            return trade
        expires = from_china_time(trade["time_expire"])
        if expires is not None and expires <= self.clock():
            self._close(trade)
            return self._get(trade["out_trade_no"])
        return trade

    def _close(self, trade: dict[str, Any]) -> None:
        self.store.run(
            "UPDATE trade SET status = ?, gmt_close = ? WHERE trade_no = ?", (CLOSED, self.now(), trade["trade_no"])
        )

    def _get(self, out_trade_no: str) -> dict[str, Any]:
        trade = self.store.one("SELECT * FROM trade WHERE out_trade_no = ?", (out_trade_no,))
        assert trade is not None
        return trade

    def _named(self, content: dict[str, Any]) -> dict[str, Any]:
        if not (content.get("out_trade_no") or content.get("trade_no")):
            raise business("ACQ.INVALID_PARAMETER", "out_trade_no与trade_no不能同时为空")
        trade = self._find(
            out_trade_no=str(content.get("out_trade_no") or ""), trade_no=str(content.get("trade_no") or "")
        )
        if trade is None:
            raise business("ACQ.TRADE_NOT_EXIST", "交易不存在")
        return trade

    def _refund(self, trade_no: str, number: str) -> dict[str, Any] | None:
        return self.store.one("SELECT * FROM refund WHERE trade_no = ? AND out_request_no = ?", (trade_no, number))

    def _refunded(self, trade: dict[str, Any], refund: dict[str, Any], change: str) -> dict[str, Any]:
        return {
            "trade_no": trade["trade_no"],
            "out_trade_no": trade["out_trade_no"],
            "buyer_user_id": trade["buyer_id"],
            "fund_change": change,
            "refund_fee": yuan(trade["refunded_fen"]),
            "send_back_fee": yuan(refund["amount_fen"]) if change == "Y" else "0.00",
            "gmt_refund_pay": refund["gmt_refund"],
        }

    def _trade_no(self) -> str:
        day = self.now()[:10].replace("-", "")  # China's day, as in every other moment of the gateway
        return f"{day}22001{self.store.number('trade'):015d}"
