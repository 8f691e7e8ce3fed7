"""Signing a contract: each side under exactly one text; the second signature puts it in force."""

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
from marketplace.parties.models import Membership, Organization
from marketplace.tenders.actions import mark_contracted

from ..models import Contract, Signature
from ..states import CONTRACT, ContractStatus


@transaction.atomic
def sign_contract(
    *, contract: Contract, organization: Organization, by: User, body_hash: str = "", now: datetime | None = None
) -> Contract:
    """Sign the present text for one side; with both signatures the contract is in force.

    `body_hash` is the hash of the text that the signer read, when the caller knows it. Signing twice changes nothing.
    Refuses with not_party, text_changed, state_conflict.
    """
    now = now or clock.now()
    contract = lock(contract)
    sides = {contract.buyer_id: "buyer", contract.supplier_id: "supplier"}
    if organization.pk not in sides or not is_member(by, organization, power=Membership.Power.SIGN):
        raise Forbidden("not_party", _("只有合同双方的经办人可以签署。"))
    if contract.signatures.filter(organization=organization, body_hash=contract.body_hash).exists():
        return contract
    if contract.status != ContractStatus.SIGNING:
        CONTRACT.check(contract.status, ContractStatus.ACTIVE)
    if body_hash and body_hash != contract.body_hash:
        raise Refused("text_changed", _("合同正文刚刚改过，请重新核对后再签署。"))
    Signature.objects.create(contract=contract, organization=organization, by=by, at=now, body_hash=contract.body_hash)
    record(
        contract.tender.process,
        "contract_signed",
        now=now,
        by=by,
        organization=organization,
        subject=contract,
        data={
            "contract": contract.number,
            "side": sides[organization.pk],
            "firm": organization.name,
            "body_hash": contract.body_hash,
        },
    )
    other = contract.supplier if organization.pk == contract.buyer_id else contract.buyer
    if contract.signatures.filter(organization=other, body_hash=contract.body_hash).exists():
        return _activate(contract, now)
    notify_organization(
        organization=other,
        title=_("对方已签合同：%(title)s") % {"title": contract.tender.title},
        body=_("%(name)s 已签署，请您核对正文后签署。双方都签后合同生效。") % {"name": organization.name},
        url=contract.get_absolute_url(),
        key=f"contract-{contract.pk}-signed-{organization.pk}-{contract.body_hash[:16]}-{now:%Y%m%d%H%M%S}",
        now=now,
    )
    return contract


def _activate(contract: Contract, now: datetime) -> Contract:
    CONTRACT.check(contract.status, ContractStatus.ACTIVE)
    contract.status, contract.signed_at = ContractStatus.ACTIVE, now
    contract.save(update_fields=["status", "signed_at"])
    mark_contracted(tender=contract.tender, now=now)
    first = contract.milestones.order_by("number").first()
    values = {"title": contract.tender.title, "amount": format_yuan((first or contract).amount_fen)}
    if first is None:
        to_buyer = _("合同已生效。机构会把价款 %(amount)s 元直接付给您，收到后请在合同页确认。") % values
        to_supplier = _("合同已生效。请按合同把价款 %(amount)s 元直接付给业主，业主收到后会在平台确认。") % values
    else:
        to_buyer = _("合同已生效。下一步请付第一个节点的款项 %(amount)s 元，由平台保管。") % values
        to_supplier = _("合同已生效。业主付清第一个节点的款项后，您就可以开始工作，届时会通知您。")
    for organization, body in ((contract.buyer, to_buyer), (contract.supplier, to_supplier)):
        notify_organization(
            organization=organization,
            title=_("合同已生效：%(title)s") % values,
            body=body,
            url=contract.get_absolute_url(),
            key=f"contract-{contract.pk}-activated",
            now=now,
        )
    record(
        contract.tender.process,
        "contract_activated",
        now=now,
        organization=contract.supplier,
        subject=contract,
        data={
            "contract": contract.number,
            "buyer": contract.buyer.name,
            "supplier": contract.supplier.name,
            "amount_fen": contract.amount_fen,
            "body_hash": contract.body_hash,
        },
    )
    return contract
