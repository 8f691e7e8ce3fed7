"""Splits of the local gateway: receivers that the merchant has bound, shares of paid trades, and what became of each."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from payments.alipay.answers import from_china_time

from .content import amount, text_of, yuan
from .fees import service_fee
from .payouts import FIRMS, open_firm
from .protocol import business
from .store import SELLER, shift
from .trades import PAID, Desk

WAIT = timedelta(seconds=30)  # after a payment; earlier Alipay may not know it well enough
PERCENT = 30  # of a trade that may be split off, unless the contract says more
MOST_AT_ONCE, MOST_RECEIVERS = 20, 20_000
KINDS = {
    "loginName": "SELECT * FROM account WHERE logon_id = ?",
    "userId": "SELECT * FROM account WHERE user_id = ?",
}
NUMBER = re.compile(r"[A-Za-z0-9_]{1,64}")
POOR = ("TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH", "分账余额不足")


@dataclass(frozen=True)
class Part:
    """One share of a request: whom it goes to as the merchant wrote it, their account, how much."""

    trans_in: str
    trans_in_type: str
    payee_id: str
    fen: int


@dataclass
class Splits:
    """Serve bindings and splits of one merchant; `percent` is what the contract allows to split off."""

    desk: Desk
    percent: int = PERCENT

    def bind(self, content: dict[str, Any]) -> dict[str, Any]:
        """Bind up to twenty receivers, all or none; one that is bound stays so."""
        _number(content, 32)
        receivers = content.get("receiver_list")
        if not isinstance(receivers, list) or not receivers:
            raise business("ACQ.RECEIVER_LIST_EMPTY", "分账收款方列表为空")
        if len(receivers) > MOST_AT_ONCE:
            raise business("ACQ.INVALID_PARAMETER", f"一次最多绑定{MOST_AT_ONCE}个收款方")
        store = self.desk.store
        with store.change():
            for receiver in receivers:
                user_id = self._receiver(receiver)
                memo = str(receiver.get("memo") or "")
                store.run("INSERT OR REPLACE INTO receiver VALUES (?, ?)", (user_id, memo))
            if len(store.all("SELECT user_id FROM receiver")) > MOST_RECEIVERS:
                raise business("ACQ.RELATION_QUANTITY_LIMIT", "达到分账关系集数量上限")
        return {"result_code": "SUCCESS"}

    def settle(self, content: dict[str, Any]) -> dict[str, Any]:
        """Split once per `out_request_no`. `sync` splits all or nothing; `async` accepts, and each share has its own end."""
        number, trade_no = _number(content, 64), text_of(content, "trade_no")
        mode = str(content.get("royalty_mode") or "sync")
        if mode not in {"sync", "async"}:
            raise business("ACQ.INVALID_PARAMETER", "royalty_mode应为sync或async")
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        with self.desk.store.change():
            trade = self.desk.named({"trade_no": trade_no})
            done = self._find(trade_no, number)
            if done is None:
                parts = self._parts(content)
                self._check(trade, sum(part.fen for part in parts))
                done = self._split(trade, number, text, _is_last(content), parts, is_strict=mode == "sync")
            elif done["content"] != text:
                raise business("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
        return {"trade_no": trade_no, "settle_no": done["settle_no"]}

    def query(self, content: dict[str, Any]) -> dict[str, Any]:
        """Tell of a split by `settle_no`, or by `trade_no` and `out_request_no`, share by share."""
        if content.get("settle_no"):
            done = self.desk.store.one("SELECT * FROM split WHERE settle_no = ?", (text_of(content, "settle_no"),))
        else:
            done = self._find(text_of(content, "trade_no"), text_of(content, "out_request_no"))
        if done is None:
            raise business("ACQ.TRADE_NOT_EXIST", "分账请求不存在")
        is_slow = self.desk.faults.take("split_in_progress") is not None
        shares = self.desk.store.all("SELECT * FROM share WHERE settle_no = ? ORDER BY rowid", (done["settle_no"],))
        return {
            "out_request_no": done["out_request_no"],
            "operation_dt": done["made_at"],
            "royalty_detail_list": [_detail(done, share, is_slow=is_slow) for share in shares],
        }

    def _receiver(self, receiver: Any) -> str:
        """Return the account of a receiver to bind; a firm's opens with it, as on its first receipt."""
        kind = str(receiver.get("type")) if isinstance(receiver, dict) else ""
        if kind not in KINDS:
            raise business("ACQ.INVALID_RECEIVER_TYPE", "分账收款方类型参数非法")
        identity, name = text_of(receiver, "account"), receiver.get("name")
        if kind == "loginName" and not (isinstance(name, str) and name):
            raise business("ACQ.INVALID_PARAMETER", "loginName须附姓名")
        account = self._account(kind, identity)
        if account is None and kind == "loginName" and identity.endswith(FIRMS):
            return open_firm(self.desk.store, identity, str(name))
        if account is None or account["user_id"] == SELLER or (name and account["name"] != name):
            raise business("ACQ.USER_NOT_EXIST", "分账接收方不存在")
        return str(account["user_id"])

    def _account(self, kind: str, identity: str) -> dict[str, Any] | None:
        return self.desk.store.one(KINDS[kind], (identity,))

    def _parts(self, content: dict[str, Any]) -> list[Part]:
        listed = content.get("royalty_parameters")
        if not isinstance(listed, list) or not 0 < len(listed) <= MOST_AT_ONCE:
            raise business("ACQ.INVALID_PARAMETER", "royalty_parameters应为分账明细")
        return [self._part(each) for each in listed]

    def _part(self, detail: Any) -> Part:
        if not isinstance(detail, dict) or detail.get("royalty_type", "transfer") != "transfer":
            raise business("ACQ.INVALID_PARAMETER", "royalty_type应为transfer")
        if detail.get("trans_out", SELLER) != SELLER:
            raise business("ACQ.INVALID_PARAMETER", "trans_out应为收款商户")
        kind, identity = detail.get("trans_in_type", "userId"), text_of(detail, "trans_in")
        if not isinstance(kind, str) or kind not in KINDS:
            raise business("ACQ.INVALID_PARAMETER", "trans_in_type应为userId或loginName")
        account = self._account(kind, identity)
        is_bound = account and self.desk.store.one("SELECT * FROM receiver WHERE user_id = ?", (account["user_id"],))
        if account is None or not is_bound:
            raise business("ACQ.ROYALTY_RECEIVER_INVALID", "收入方不在分账关系内")
        fen = amount(detail, "amount")
        if fen < 1:
            raise business("ACQ.INVALID_PARAMETER", "分账金额应大于零")
        return Part(identity, kind, account["user_id"], fen)

    def _check(self, trade: dict[str, Any], fen: int) -> None:
        """Refuse a split that its trade does not bear: by state, by time, by amount."""
        is_over = self.desk.store.one("SELECT * FROM split WHERE trade_no = ? AND is_last", (trade["trade_no"],))
        if trade["status"] != PAID or is_over:
            raise business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        paid = from_china_time(trade["gmt_payment"])
        if paid is None or self.desk.clock() < paid + WAIT:
            raise business("ACQ.TRADE_SETTLE_ERROR", "分账处理失败")
        given = self.desk.store.one(
            "SELECT COALESCE(SUM(h.amount_fen), 0) AS fen FROM share h JOIN split p ON p.settle_no = h.settle_no"
            " WHERE p.trade_no = ? AND h.state != 'FAIL'",
            (trade["trade_no"],),
        ) or {"fen": 0}
        left = trade["total_fen"] - trade["refunded_fen"] - service_fee(trade["total_fen"] - trade["refunded_fen"])
        if given["fen"] + fen > min(left, trade["total_fen"] * self.percent // 100):
            raise business("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", "分账金额超过最大可分账金额")

    def _split(
        self, trade: dict[str, Any], number: str, text: str, is_last: bool, parts: list[Part], *, is_strict: bool
    ) -> dict[str, Any]:
        """Move the shares; one that the merchant's balance does not bear fails, or, when strict, all do."""
        store, now = self.desk.store, self.desk.now()
        settle_no = f"{now[:10].replace('-', '')}0025{store.number('split'):020d}"
        store.run(
            "INSERT INTO split VALUES (?, ?, ?, ?, ?, ?)", (settle_no, trade["trade_no"], number, text, is_last, now)
        )
        for part in parts:
            is_paid = shift(store, SELLER, -part.fen)
            if is_paid:
                shift(store, part.payee_id, part.fen)
            elif is_strict:
                raise business("ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户余额不足")
            state, detail_id = "SUCCESS" if is_paid else "FAIL", f"{settle_no}{store.number('share'):06d}"
            store.run(
                "INSERT INTO share VALUES (?, ?, ?, ?, ?, ?, ?)",
                (detail_id, settle_no, part.payee_id, part.trans_in, part.trans_in_type, part.fen, state),
            )
        return self._find(trade["trade_no"], number) or {}

    def _find(self, trade_no: str, number: str) -> dict[str, Any] | None:
        return self.desk.store.one("SELECT * FROM split WHERE trade_no = ? AND out_request_no = ?", (trade_no, number))


def _number(content: dict[str, Any], longest: int) -> str:
    number = text_of(content, "out_request_no")
    if len(number) > longest or not NUMBER.fullmatch(number):
        raise business("ACQ.INVALID_PARAMETER", f"out_request_no只能是{longest}位以内的字母、数字和下划线")
    return number


def _is_last(content: dict[str, Any]) -> bool:
    extend = content.get("extend_params")
    return isinstance(extend, dict) and extend.get("royalty_finish") == "true"


def _detail(split: dict[str, Any], share: dict[str, Any], *, is_slow: bool) -> dict[str, Any]:
    """Return a share as Alipay lists it, its amount a number; `is_slow` tells of it before its end."""
    fields = {
        "operation_type": "transfer",
        "execute_dt": split["made_at"],
        "trans_out": SELLER,
        "trans_out_type": "userId",
        "trans_in": share["trans_in"],
        "trans_in_type": share["trans_in_type"],
        "amount": float(yuan(share["amount_fen"])),
        "state": "PROCESSING" if is_slow else share["state"],
        "detail_id": share["detail_id"],
    }
    if share["state"] == "FAIL" and not is_slow:
        fields |= {"error_code": POOR[0], "error_desc": POOR[1]}
    return fields
