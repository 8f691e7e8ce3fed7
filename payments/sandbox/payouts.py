"""Transfers to single accounts: sent once per `out_biz_no`, firms' accounts open on their first receipt."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from payments.alipay.client import china_time

from .content import amount, text_of, yuan
from .protocol import business
from .store import SELLER, Store, shift

FIRMS = "@firms.sandbox.invalid"


@dataclass
class Payouts:
    """Serve transfers from the merchant's balance. `clock` is the business time."""

    store: Store
    clock: Callable[[], datetime]

    def transfer(self, content: dict[str, Any]) -> dict[str, Any]:
        fen = amount(content, "trans_amount")
        payee = content.get("payee_info")
        if fen < 10 or not isinstance(payee, dict):
            raise business("INVALID_PARAMETER", "转账金额不能低于0.10元，且须有收款方")
        if (content.get("product_code"), content.get("biz_scene")) != ("TRANS_ACCOUNT_NO_PWD", "DIRECT_TRANSFER"):
            raise business("INVALID_PARAMETER", "product_code或biz_scene不正确")
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        with self.store.change():
            done = self._transfer(text_of(content, "out_biz_no"))
            if done is not None:
                if done["content"] != text:
                    raise business("PAYMENT_INFO_INCONSISTENCY", "两次请求的内容不一致")
                return self._transferred(done)
            payee_id = self._payee(payee)
            if not shift(self.store, SELLER, -fen):
                raise business("BALANCE_IS_NOT_ENOUGH", "付款方余额不足")
            shift(self.store, payee_id, fen)
            self.store.run(
                "INSERT INTO transfer VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    f"{china_time(self.clock())[:10].replace('-', '')}110070{self.store.number('order'):014d}",
                    content["out_biz_no"],
                    payee_id,
                    fen,
                    str(content.get("order_title", "")),
                    text,
                    china_time(self.clock()),
                ),
            )
            done = self._transfer(content["out_biz_no"])
            assert done is not None
            return self._transferred(done)

    def transfer_query(self, content: dict[str, Any]) -> dict[str, Any]:
        if content.get("out_biz_no") and not (content.get("product_code") and content.get("biz_scene")):
            raise business("INVALID_PARAMETER", "按out_biz_no查询须有product_code和biz_scene")
        done = self._transfer(text_of(content, "out_biz_no"))
        if done is None:
            raise business("ORDER_NOT_EXIST", "转账单据不存在")
        return self._transferred(done) | {"trans_amount": yuan(done["amount_fen"])}

    def _transfer(self, out_biz_no: str) -> dict[str, Any] | None:
        return self.store.one("SELECT * FROM transfer WHERE out_biz_no = ?", (out_biz_no,))

    def _transferred(self, transfer: dict[str, Any]) -> dict[str, Any]:
        return {
            "out_biz_no": transfer["out_biz_no"],
            "order_id": transfer["order_id"],
            "pay_fund_order_id": transfer["order_id"],
            "status": "SUCCESS",
            "trans_date": transfer["trans_date"],
        }

    def _payee(self, payee: dict[str, Any]) -> str:
        """Return the receiving account; a firm's account opens on its first receipt."""
        identity, name = str(payee.get("identity", "")), str(payee.get("name", ""))
        if payee.get("identity_type") != "ALIPAY_LOGON_ID" or not name:
            raise business("INVALID_PARAMETER", "收款方须为支付宝登录号并附姓名")
        account = self.store.one("SELECT * FROM account WHERE logon_id = ?", (identity,))
        if account is None and identity.endswith(FIRMS):
            return open_firm(self.store, identity, name)
        if account is None or account["user_id"] == SELLER:
            raise business("PAYEE_NOT_EXIST", "收款账号不存在或姓名有误")
        if account["name"] != name:
            raise business("PAYEE_USER_INFO_ERROR", "收款账号与姓名不匹配")
        return str(account["user_id"])


def open_firm(store: Store, identity: str, name: str) -> str:
    """Open the account of a firm and return its number."""
    user_id = f"2088{9 * 10**11 + store.number('firm'):012d}"
    store.run("INSERT INTO account VALUES (?, ?, ?, '', '', 0)", (user_id, identity, name))
    return user_id
