"""The Alipay gateway: what we ask of it, in fen and typed answers. The only users of the official SDK are here.

Every question has the three kinds of answer that asking.py names; bills are asked for in bills.py, splits in splits.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alipay.aop.api.domain.AlipayFundTransCommonQueryModel import AlipayFundTransCommonQueryModel
from alipay.aop.api.domain.AlipayFundTransUniTransferModel import AlipayFundTransUniTransferModel
from alipay.aop.api.domain.AlipayTradeCancelModel import AlipayTradeCancelModel
from alipay.aop.api.domain.AlipayTradeCloseModel import AlipayTradeCloseModel
from alipay.aop.api.domain.AlipayTradeFastpayRefundQueryModel import AlipayTradeFastpayRefundQueryModel
from alipay.aop.api.domain.AlipayTradePagePayModel import AlipayTradePagePayModel
from alipay.aop.api.domain.AlipayTradePrecreateModel import AlipayTradePrecreateModel
from alipay.aop.api.domain.AlipayTradeQueryModel import AlipayTradeQueryModel
from alipay.aop.api.domain.AlipayTradeRefundModel import AlipayTradeRefundModel
from alipay.aop.api.domain.AlipayTradeWapPayModel import AlipayTradeWapPayModel
from alipay.aop.api.domain.Participant import Participant
from alipay.aop.api.request.AlipayFundTransCommonQueryRequest import AlipayFundTransCommonQueryRequest
from alipay.aop.api.request.AlipayFundTransUniTransferRequest import AlipayFundTransUniTransferRequest
from alipay.aop.api.request.AlipayTradeCancelRequest import AlipayTradeCancelRequest
from alipay.aop.api.request.AlipayTradeCloseRequest import AlipayTradeCloseRequest
from alipay.aop.api.request.AlipayTradeFastpayRefundQueryRequest import AlipayTradeFastpayRefundQueryRequest
from alipay.aop.api.request.AlipayTradePagePayRequest import AlipayTradePagePayRequest
from alipay.aop.api.request.AlipayTradePrecreateRequest import AlipayTradePrecreateRequest
from alipay.aop.api.request.AlipayTradeQueryRequest import AlipayTradeQueryRequest
from alipay.aop.api.request.AlipayTradeRefundRequest import AlipayTradeRefundRequest
from alipay.aop.api.request.AlipayTradeWapPayRequest import AlipayTradeWapPayRequest

from .answers import (
    Canceled,
    Closed,
    Precreated,
    Refunded,
    Rejected,
    Trade,
    Transferred,
    Unknown,
    from_china_time,
    to_amount,
    to_fen,
)
from .bills import Bills
from .client import china_time
from .splits import Splits


class Gateway(Bills, Splits):
    """Ask Alipay, or the local gateway that speaks the same protocol."""

    def page_pay_url(
        self,
        *,
        out_trade_no: str,
        amount_fen: int,
        subject: str,
        body: str,
        time_expire: datetime,
        notify_url: str,
        return_url: str,
    ) -> str:
        """Return the signed address of the cashier page. Nothing is sent; the trade begins when the buyer logs in."""
        model = AlipayTradePagePayModel()
        _order(model, out_trade_no, amount_fen, subject, body, time_expire)
        model.product_code = "FAST_INSTANT_TRADE_PAY"
        return self._cashier(AlipayTradePagePayRequest(biz_model=model), notify_url, return_url)

    def wap_pay_url(
        self,
        *,
        out_trade_no: str,
        amount_fen: int,
        subject: str,
        body: str,
        time_expire: datetime,
        notify_url: str,
        return_url: str,
        quit_url: str = "",
    ) -> str:
        """Return the signed address of the cashier for phones, as `page_pay_url` does; `quit_url` is where leaving leads."""
        model = AlipayTradeWapPayModel()
        _order(model, out_trade_no, amount_fen, subject, body, time_expire)
        model.product_code = "QUICK_WAP_WAY"
        model.quit_url = quit_url or return_url
        return self._cashier(AlipayTradeWapPayRequest(biz_model=model), notify_url, return_url)

    def precreate(
        self, *, out_trade_no: str, amount_fen: int, subject: str, body: str, time_expire: datetime, notify_url: str
    ) -> Precreated | Rejected | Unknown:
        """Ask for a code that the buyer scans. The same number with the same order may be asked for again."""
        model = AlipayTradePrecreateModel()
        _order(model, out_trade_no, amount_fen, subject, body, time_expire)
        model.product_code = "FACE_TO_FACE_PAYMENT"
        request = AlipayTradePrecreateRequest(biz_model=model)
        request.notify_url = notify_url
        answer = self._ask(request)
        if not isinstance(answer, dict):
            return answer
        code = str(answer.get("qr_code", ""))
        return Precreated(code) if code else Unknown("no qr_code in the answer")

    def _cashier(self, request: Any, notify_url: str, return_url: str) -> str:
        request.notify_url = notify_url
        request.return_url = return_url
        url: str = self._client.page_execute(request, http_method="GET")
        return url

    def query(self, *, out_trade_no: str) -> Trade | Rejected | Unknown:
        """Ask for the state of a trade. Rejected with `is_missing` when the buyer never logged in."""
        model = AlipayTradeQueryModel()
        model.out_trade_no = out_trade_no
        answer = self._ask(AlipayTradeQueryRequest(biz_model=model))
        if not isinstance(answer, dict):
            return answer
        try:
            return Trade(
                trade_no=answer["trade_no"],
                out_trade_no=answer["out_trade_no"],
                status=answer["trade_status"],
                total_fen=to_fen(answer["total_amount"]),
                buyer_id=answer.get("buyer_user_id", ""),
                paid_at=from_china_time(answer.get("send_pay_date")),
            )
        except (KeyError, ValueError) as error:
            return Unknown(f"unreadable answer: {error!r}")

    def close(self, *, out_trade_no: str) -> Closed | Rejected | Unknown:
        """Close a trade that nobody has paid."""
        model = AlipayTradeCloseModel()
        model.out_trade_no = out_trade_no
        answer = self._ask(AlipayTradeCloseRequest(biz_model=model))
        return Closed(trade_no=answer.get("trade_no", "")) if isinstance(answer, dict) else answer

    def cancel(self, *, out_trade_no: str) -> Canceled | Rejected | Unknown:
        """Undo a trade whose outcome is not known: Alipay closes it when unpaid and refunds all of it when paid.

        Sent again under the same number it does no more. `may_retry` says that Alipay wants it sent again.
        """
        model = AlipayTradeCancelModel()
        model.out_trade_no = out_trade_no
        answer = self._ask(AlipayTradeCancelRequest(biz_model=model))
        if not isinstance(answer, dict):
            return answer
        return Canceled(str(answer.get("action", "")), answer.get("retry_flag") == "Y")

    def refund(
        self, *, out_trade_no: str, out_request_no: str, amount_fen: int, reason: str
    ) -> Refunded | Rejected | Unknown:
        """Return money of a trade. The same `out_request_no` with the same amount never returns it twice."""
        model = AlipayTradeRefundModel()
        model.out_trade_no = out_trade_no
        model.out_request_no = out_request_no
        model.refund_amount = to_amount(amount_fen)
        model.refund_reason = reason
        answer = self._ask(AlipayTradeRefundRequest(biz_model=model))
        if not isinstance(answer, dict):
            return answer
        return Refunded(answer.get("fund_change") == "Y", to_fen(answer.get("refund_fee", "0")))

    def refund_query(self, *, out_trade_no: str, out_request_no: str) -> Refunded | Rejected | Unknown:
        """Ask whether a refund's money has moved."""
        model = AlipayTradeFastpayRefundQueryModel()
        model.out_trade_no = out_trade_no
        model.out_request_no = out_request_no
        answer = self._ask(AlipayTradeFastpayRefundQueryRequest(biz_model=model))
        if not isinstance(answer, dict):
            return answer
        return Refunded(answer.get("refund_status") == "REFUND_SUCCESS", to_fen(answer.get("refund_amount", "0")))

    def transfer(
        self, *, out_biz_no: str, amount_fen: int, title: str, identity: str, name: str
    ) -> Transferred | Rejected | Unknown:
        """Send money to an Alipay account. The same `out_biz_no` never sends it twice."""
        payee = Participant()
        payee.identity = identity
        payee.identity_type = "ALIPAY_LOGON_ID"
        payee.name = name
        model = AlipayFundTransUniTransferModel()
        model.out_biz_no = out_biz_no
        model.trans_amount = to_amount(amount_fen)
        model.product_code = "TRANS_ACCOUNT_NO_PWD"
        model.biz_scene = "DIRECT_TRANSFER"
        model.order_title = clean_subject(title)
        model.payee_info = payee
        return self._transferred(AlipayFundTransUniTransferRequest(biz_model=model))

    def transfer_query(self, *, out_biz_no: str) -> Transferred | Rejected | Unknown:
        """Ask what became of a transfer."""
        model = AlipayFundTransCommonQueryModel()
        model.out_biz_no = out_biz_no
        model.product_code = "TRANS_ACCOUNT_NO_PWD"
        model.biz_scene = "DIRECT_TRANSFER"
        return self._transferred(AlipayFundTransCommonQueryRequest(biz_model=model))

    def _transferred(self, request: Any) -> Transferred | Rejected | Unknown:
        answer = self._ask(request)
        if not isinstance(answer, dict):
            return answer
        return Transferred(answer.get("status", "DEALING"), answer.get("order_id", ""), answer.get("error_code", ""))


def _order(model: Any, out_trade_no: str, amount_fen: int, subject: str, body: str, time_expire: datetime) -> None:
    """Fill what all ways to pay have in common."""
    model.out_trade_no = out_trade_no
    model.total_amount = to_amount(amount_fen)
    model.subject = clean_subject(subject)
    model.body = body[:128] or None
    model.time_expire = china_time(time_expire)


def clean_subject(text: str) -> str:
    """Return a trade's subject without the characters that Alipay does not take, at most 128 of them."""
    return "".join(" " if letter in "/=&<>\"'\\\r\n\t" else letter for letter in text)[:128].strip() or "付款"
