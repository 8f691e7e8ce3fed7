"""Splits (分账): shares of a payment that go to receivers bound beforehand, and what has become of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from alipay.aop.api.domain.AlipayTradeOrderSettleModel import AlipayTradeOrderSettleModel
from alipay.aop.api.domain.AlipayTradeOrderSettleQueryModel import AlipayTradeOrderSettleQueryModel
from alipay.aop.api.domain.AlipayTradeRoyaltyRelationBindModel import AlipayTradeRoyaltyRelationBindModel
from alipay.aop.api.domain.OpenApiRoyaltyDetailInfoPojo import OpenApiRoyaltyDetailInfoPojo
from alipay.aop.api.domain.RoyaltyEntity import RoyaltyEntity
from alipay.aop.api.domain.SettleExtendParams import SettleExtendParams
from alipay.aop.api.request.AlipayTradeOrderSettleQueryRequest import AlipayTradeOrderSettleQueryRequest
from alipay.aop.api.request.AlipayTradeOrderSettleRequest import AlipayTradeOrderSettleRequest
from alipay.aop.api.request.AlipayTradeRoyaltyRelationBindRequest import AlipayTradeRoyaltyRelationBindRequest

from .answers import Bound, Rejected, Settled, SettledShare, Settlement, Unknown, to_amount, to_fen
from .asking import Asking

Kind = Literal["loginName", "userId"]


@dataclass(frozen=True)
class Share:
    """What one receiver gets; `receiver` is a login name, or with kind `userId` the 2088 number."""

    receiver: str
    amount_fen: int
    description: str = ""
    kind: Kind = "loginName"


class Splits(Asking):
    """Bind receivers, split payments among them, ask what became of it. Times out or errs: the same again, unchanged."""

    def bind_receiver(
        self, *, out_request_no: str, identity: str, name: str, kind: Kind = "loginName", memo: str = ""
    ) -> Bound | Rejected | Unknown:
        """Let an account be given shares; a split to one that is not bound is rejected. Bound again, nothing changes.

        `name` is checked against the account's; Alipay takes at most 20,000 receivers.
        """
        receiver = RoyaltyEntity()
        receiver.type = kind
        receiver.account = identity
        receiver.name = name
        receiver.memo = memo or None
        model = AlipayTradeRoyaltyRelationBindModel()
        model.out_request_no = out_request_no
        model.receiver_list = [receiver]
        answer = self._ask(AlipayTradeRoyaltyRelationBindRequest(biz_model=model))
        if not isinstance(answer, dict):
            return answer
        code = str(answer.get("result_code", ""))
        return Bound() if code == "SUCCESS" else Unknown(f"result_code {code!r}")

    def settle(
        self, *, trade_no: str, out_request_no: str, shares: Sequence[Share], is_last: bool = False
    ) -> Settled | Rejected | Unknown:
        """Ask for a split of a paid trade. The same `out_request_no` with the same shares never splits twice.

        `trade_no` is Alipay's number, not ours. Ask about half a minute after the payment; earlier answers are Unknown.
        In all at most 30 % of a trade unless the contract says more. `is_last` thaws what a frozen trade has left.
        """
        if not shares:
            raise ValueError("a split needs a share")
        model = AlipayTradeOrderSettleModel()
        model.trade_no = trade_no
        model.out_request_no = out_request_no
        model.royalty_parameters = [_detail(share) for share in shares]
        model.royalty_mode = "async"  # accepted or not as a whole; then each share has a state of its own
        if is_last:
            extend = SettleExtendParams()
            extend.royalty_finish = "true"
            model.extend_params = extend
        answer = self._ask(AlipayTradeOrderSettleRequest(biz_model=model))
        if not isinstance(answer, dict):
            return answer
        return Settled(str(answer.get("settle_no", "")))

    def settle_query(self, *, trade_no: str, out_request_no: str) -> Settlement | Rejected | Unknown:
        """Ask what became of a split. Rejected with `is_missing` when Alipay knows none under this number."""
        model = AlipayTradeOrderSettleQueryModel()
        model.trade_no = trade_no
        model.out_request_no = out_request_no
        answer = self._ask(AlipayTradeOrderSettleQueryRequest(biz_model=model))
        if not isinstance(answer, dict):
            return answer
        try:
            listed = answer["royalty_detail_list"]
            return Settlement(tuple(_share(each) for each in listed if each.get("operation_type") == "transfer"))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return Unknown(f"unreadable answer: {error!r}")


def _detail(share: Share) -> OpenApiRoyaltyDetailInfoPojo:
    detail = OpenApiRoyaltyDetailInfoPojo()
    detail.royalty_type = "transfer"
    detail.trans_in_type = share.kind
    detail.trans_in = share.receiver
    detail.amount = to_amount(share.amount_fen)
    detail.desc = share.description or None
    return detail


def _share(detail: Mapping[str, Any]) -> SettledShare:
    """Return a share as Alipay lists it; amounts come as numbers or texts."""
    return SettledShare(
        receiver=detail["trans_in"],
        amount_fen=to_fen(str(detail["amount"])),
        status=detail["state"],
        code=detail.get("error_code", ""),
        reason=detail.get("error_desc", ""),
    )
