"""What a merchant orders by page, wap or code: read strictly, with the time until which it may be paid."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from payments.alipay.answers import from_china_time

from .content import amount, text_of
from .protocol import business

LONGEST = timedelta(days=15)
MINUTES = {"m": 1, "h": 60, "d": 1440}
PAGE, WAP, CODE = "FAST_INSTANT_TRADE_PAY", "QUICK_WAP_WAY", "FACE_TO_FACE_PAYMENT"
# The product that belongs to each way of paying; the real gateway refuses any other.
PRODUCTS = {"alipay.trade.page.pay": PAGE, "alipay.trade.wap.pay": WAP, "alipay.trade.precreate": CODE}


def check_order(content: dict[str, Any], now: datetime, *, method: str = "") -> None:
    """Refuse an order that Alipay would not take; `method` demands its product, else any of the three will do."""
    if not re.fullmatch(r"[A-Za-z0-9_]{1,64}", text_of(content, "out_trade_no")):
        raise business("ACQ.INVALID_PARAMETER", "out_trade_no只能是64位以内的字母、数字和下划线")
    if not 1 <= amount(content, "total_amount") <= 10**10:
        raise business("ACQ.INVALID_PARAMETER", "total_amount超出范围")
    subject = text_of(content, "subject")
    if len(subject) > 256 or set(subject) & set("/=&"):
        raise business("ACQ.INVALID_PARAMETER", "subject过长或含有特殊字符")
    products = {PRODUCTS[method]} if method else set(PRODUCTS.values())
    if str(content.get("product_code")) not in products:
        raise business("ACQ.INVALID_PARAMETER", f"product_code应为{'、'.join(sorted(products))}")
    if expires(content, now) <= now:
        raise business("ACQ.TRADE_HAS_CLOSE", "订单已超过付款时限")


def expires(content: dict[str, Any], now: datetime) -> datetime:
    """Return until when an order may be paid: `time_expire`, `timeout_express` from now, or fifteen days."""
    try:
        if content.get("time_expire"):
            moment = from_china_time(str(content["time_expire"]))
            assert moment is not None
            return moment
        if content.get("timeout_express"):
            found = re.fullmatch(r"(\d{1,5})([mhd])", str(content["timeout_express"]))
            assert found is not None
            return now + timedelta(minutes=int(found[1]) * MINUTES[found[2]])
    except (ValueError, AssertionError) as error:
        raise business("ACQ.INVALID_PARAMETER", "付款时限格式不正确") from error
    return now + LONGEST


def canonical(content: dict[str, Any]) -> str:
    """Return an order as a text that is the same when, and only when, the order is."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True)
