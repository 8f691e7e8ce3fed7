"""Refunds of the local gateway, and the cancel that closes or refunds whatever became of a trade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .content import amount, text_of, yuan
from .fees import fee_returned
from .protocol import Refusal, business
from .store import FEES, SELLER, shift
from .trades import CLOSED, FINISHED, OPEN, PAID, Desk


@dataclass
class Refunds:
    """Give money of trades back to their buyers, and the fee on it to the merchant."""

    desk: Desk

    def refund(self, content: dict[str, Any]) -> dict[str, Any]:
        """Refund once per `out_request_no`; the same again moves nothing and says so with `fund_change` N."""
        fen = amount(content, "refund_amount")
        with self.desk.store.change():
            trade = self.desk.named(content)
            number = str(content.get("out_request_no") or trade["out_trade_no"])
            done = self._find(trade["trade_no"], number)
            if done is not None:
                if done["amount_fen"] != fen:
                    raise business("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
                return _refunded(trade, done, "N")
            if trade["status"] == FINISHED:
                raise business("ACQ.TRADE_HAS_FINISHED", "交易已完结")
            if trade["status"] != PAID:
                raise business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
            if not content.get("out_request_no") and fen != trade["total_fen"]:
                raise business("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "部分退款须有out_request_no")
            if fen < 1 or trade["refunded_fen"] + fen > trade["total_fen"]:
                raise business("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效")
            trade = self._give_back(trade, number, fen, str(content.get("refund_reason", "")))
            done = self._find(trade["trade_no"], number)
            assert done is not None
            return _refunded(trade, done, "Y")

    def refund_query(self, content: dict[str, Any]) -> dict[str, Any]:
        """Tell of a refund; one that never was is a success without `refund_status`."""
        trade = self.desk.named(content)
        fields = {"trade_no": trade["trade_no"], "out_trade_no": trade["out_trade_no"]}
        done = self._find(trade["trade_no"], text_of(content, "out_request_no"))
        if done is None:
            return fields
        return fields | {
            "out_request_no": done["out_request_no"],
            "total_amount": yuan(trade["total_fen"]),
            "refund_amount": yuan(done["amount_fen"]),
            "refund_status": "REFUND_SUCCESS",
            "gmt_refund_pay": done["gmt_refund"],
        }

    def cancel(self, content: dict[str, Any]) -> dict[str, Any]:
        """Undo a trade whose outcome its merchant does not know: close it unpaid, refund what is left of it paid.

        A code that nobody has scanned dies. A trade that never was is a success without `action`, as at Alipay; the
        same again answers the same. A trade refunded in part gives back the rest [decided here].
        """
        with self.desk.store.change():
            number = str(content.get("out_trade_no") or "")
            try:
                trade = self.desk.named(content)
            except Refusal as refusal:
                if refusal.sub_code != "ACQ.TRADE_NOT_EXIST":
                    raise
                self.desk.kill_code(number)
                return {"out_trade_no": number, "retry_flag": "N"} if number else {"retry_flag": "N"}
            if trade["status"] == FINISHED:
                raise business("ACQ.TRADE_HAS_FINISHED", "交易已完结")
            if trade["status"] == OPEN:
                self.desk.close(trade)
            elif trade["status"] == PAID:
                rest = trade["total_fen"] - trade["refunded_fen"]
                self._give_back(trade, f"cancel_{trade['trade_no']}", rest, "撤销")
            action = "refund" if trade["gmt_payment"] else "close"
            return {
                "trade_no": trade["trade_no"],
                "out_trade_no": trade["out_trade_no"],
                "retry_flag": "N",
                "action": action,
            }

    def _give_back(self, trade: dict[str, Any], number: str, fen: int, reason: str) -> dict[str, Any]:
        """Move a refund's money and its share of the fee, tell the merchant; return the trade as it is then."""
        store, now = self.desk.store, self.desk.now()
        fee = fee_returned(trade["total_fen"], trade["refunded_fen"], fen)
        if not shift(store, SELLER, fee - fen):
            raise business("ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户余额不足")
        shift(store, FEES, -fee)
        shift(store, trade["buyer_id"], fen)
        store.run("INSERT INTO refund VALUES (?, ?, ?, ?, ?)", (trade["trade_no"], number, fen, reason, now))
        is_full = trade["refunded_fen"] + fen == trade["total_fen"]
        store.run(
            "UPDATE trade SET refunded_fen = refunded_fen + ?, status = ?, gmt_close = ? WHERE trade_no = ?",
            (fen, CLOSED if is_full else PAID, now if is_full else "", trade["trade_no"]),
        )
        trade = self.desk.get(trade["out_trade_no"])
        fields = {"refund_fee": yuan(trade["refunded_fen"]), "gmt_refund": now + ".000", "out_biz_no": number}
        self.desk.notify(trade, fields)
        return trade

    def _find(self, trade_no: str, number: str) -> dict[str, Any] | None:
        return self.desk.store.one("SELECT * FROM refund WHERE trade_no = ? AND out_request_no = ?", (trade_no, number))


def _refunded(trade: dict[str, Any], refund: dict[str, Any], change: str) -> dict[str, Any]:
    return {
        "trade_no": trade["trade_no"],
        "out_trade_no": trade["out_trade_no"],
        "buyer_user_id": trade["buyer_id"],
        "fund_change": change,
        "refund_fee": yuan(trade["refunded_fen"]),
        "send_back_fee": yuan(refund["amount_fen"]) if change == "Y" else "0.00",
        "gmt_refund_pay": refund["gmt_refund"],
    }
