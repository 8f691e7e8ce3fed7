"""The price of a right that was sold: paid by the firm straight to the owner, who says when it has come."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.money import format_yuan
from marketplace.core.refusals import Forbidden, Refused
from marketplace.parties.access import is_member
from marketplace.parties.actions import notify_organization
from marketplace.parties.models import Membership

from ..models import Contract
from ..states import ContractStatus
from .funding import complete_contract


@transaction.atomic
def confirm_receipt(*, contract: Contract, by: User, now: datetime | None = None) -> Contract:
    """Let the owner say that the price of a sold right has come and the right was handed over; that completes the contract.

    The platform holds no money of a sale, so the owner's word is the record. Twice changes nothing. Refuses with not_buyer,
    not_a_sale, contract_not_active.
    """
    now = now or clock.now()
    contract = lock(contract)
    if not is_member(by, contract.buyer, power=Membership.Power.PAY):
        raise Forbidden("not_buyer", _("只有业主的经办人可以确认收到价款。"))
    if not contract.is_sale:
        raise Refused("not_a_sale", _("购买服务的款项由平台托管，不需要这样确认。"))
    if contract.status == ContractStatus.COMPLETED:
        return contract
    if contract.status != ContractStatus.ACTIVE:
        raise Refused("contract_not_active", _("合同双方签署生效后才能确认收款。"))
    amount = {"title": contract.tender.title, "amount": format_yuan(contract.amount_fen)}
    notify_organization(
        organization=contract.supplier,
        title=_("业主已确认收款：%(title)s") % amount,
        body=_("业主确认收到价款 %(amount)s 元，权益已移交，合同履行完毕。与事实不符的，请联系平台管理机构。") % amount,
        url=contract.get_absolute_url(),
        key=f"contract-{contract.pk}-received",
        now=now,
    )
    record(
        contract.tender.process,
        "price_received",
        now=now,
        by=by,
        organization=contract.buyer,
        subject=contract,
        data={"contract": contract.number, "amount_fen": contract.amount_fen},
    )
    return complete_contract(contract=contract, now=now)
