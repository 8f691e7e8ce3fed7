"""Draw a contract up from the award, revise it, offer it, sign it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TypedDict

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.awards.models import Award
from marketplace.awards.states import AwardStatus
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.money import format_yuan
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.access import is_member
from marketplace.parties.actions import notify_organization
from marketplace.parties.models import Membership
from marketplace.tenders.models import Tender

from ..models import Contract, Milestone
from ..split import SMALLEST_FEN, split
from ..states import CONTRACT, ContractStatus
from ..text import digest, one_line, render_body

LEAST, MOST = 2, 8
STANDARD = [{"title": "提交成果初稿", "percent": 40}, {"title": "成果通过验收", "percent": 60}]


class Terms(TypedDict):
    """One milestone as its owner writes it: amount in integer fen."""

    title: str
    amount_fen: int
    due_date: date


@transaction.atomic
def draft_contract(*, award: Award, now: datetime | None = None) -> Contract:
    """Draw up the contract of a confirmed award: its number follows the tender's, its milestones the frozen rules.

    The contract about a right that was sold has none: the firm pays the owner straight.

    Asked again it returns the contract that there is. Refuses with award_not_confirmed.
    """
    now = now or clock.now()
    tender = lock(award.tender)
    existing = Contract.objects.filter(tender=tender).first()
    if existing is not None:
        return existing
    award = lock(award)
    if award.status != AwardStatus.CONFIRMED:
        raise Refused("award_not_confirmed", _("中选结果还没有确认，不能起草合同。"))
    contract = Contract.objects.create(
        award=award,
        tender=tender,
        number=re.sub(r"^[A-Za-z]*", "HT", tender.number),
        title=f"{tender.title}出让合同" if tender.is_upward else f"{tender.title}服务合同",
        buyer=tender.buyer,
        supplier=award.organization,
        amount_fen=award.amount_fen,
        created_at=now,
    )
    _write(contract, [] if contract.is_sale else _standard_terms(tender, award.amount_fen, now))
    notify_organization(
        organization=contract.buyer,
        title=_("合同已起草：%(title)s") % {"title": tender.title},
        body=_("请核对正文，然后发给对方签订。")
        if contract.is_sale
        else _("请核对节点、金额和期限，然后发给对方签订。"),
        url=contract.get_absolute_url(),
        key=f"contract-{contract.pk}-drafted",
        now=now,
    )
    record(
        tender.process,
        "contract_drafted",
        now=now,
        organization=contract.buyer,
        subject=contract,
        data=_terms_data(contract),
        visibility="parties",
    )
    return contract


@transaction.atomic
def revise_contract(
    *, contract: Contract, milestones: Sequence[Terms], by: User, now: datetime | None = None
) -> Contract:
    """Change titles, amounts and dates before both have signed; the text is written anew, signatures on the old are void.

    Refuses with not_buyer, sale_fixed, state_conflict, milestones_count, milestones_sum, milestone_title, milestone_amount,
    milestone_date.
    """
    now = now or clock.now()
    contract = lock(contract)
    if not is_member(by, contract.buyer, power=Membership.Power.SIGN):
        raise Forbidden("not_buyer", _("只有业主的经办人可以修改合同。"))
    if contract.is_sale:
        raise Refused("sale_fixed", _("出让合同不分节点，没有可以修改的内容。"))
    if contract.status != ContractStatus.DRAFT:
        CONTRACT.check(contract.status, ContractStatus.DRAFT)
    was_offered = contract.status == ContractStatus.SIGNING
    _check_terms(contract, milestones, localdate(now))
    before = contract.body_hash
    with_text = [{**terms, "title": one_line(terms["title"])} for terms in milestones]
    contract.status = ContractStatus.DRAFT
    contract.signatures.all().delete()
    contract.milestones.all().delete()
    _write(contract, with_text)  # type: ignore[arg-type]
    if was_offered:
        notify_organization(
            organization=contract.supplier,
            title=_("合同已修改：%(title)s") % {"title": contract.tender.title},
            body=_("业主修改了节点，原来的签署作废。业主重新发出后，请您核对并签署。"),
            url=contract.get_absolute_url(),
            key=f"contract-{contract.pk}-revised-{contract.body_hash[:16]}-{now:%Y%m%d%H%M%S}",
            now=now,
        )
    record(
        contract.tender.process,
        "contract_revised",
        now=now,
        by=by,
        organization=contract.buyer,
        subject=contract,
        data={**_terms_data(contract), "previous_body_hash": before},
        visibility="parties",
    )
    return contract


@transaction.atomic
def offer_contract(*, contract: Contract, by: User, now: datetime | None = None) -> Contract:
    """Put the text before both sides to sign. Offering an offered contract changes nothing. Refuses with not_buyer."""
    now = now or clock.now()
    contract = lock(contract)
    if not is_member(by, contract.buyer, power=Membership.Power.SIGN):
        raise Forbidden("not_buyer", _("只有业主的经办人可以发出合同。"))
    if contract.status == ContractStatus.SIGNING:
        return contract
    CONTRACT.check(contract.status, ContractStatus.SIGNING)
    contract.status = ContractStatus.SIGNING
    contract.save(update_fields=["status"])
    notify_organization(
        organization=contract.supplier,
        title=_("请签合同：%(title)s") % {"title": contract.tender.title},
        body=_("业主已发出合同，金额 %(amount)s 元。请核对正文后签署。") % {"amount": format_yuan(contract.amount_fen)},
        url=contract.get_absolute_url(),
        key=f"contract-{contract.pk}-offered-{now:%Y%m%d%H%M%S}",
        now=now,
    )
    record(
        contract.tender.process,
        "contract_offered",
        now=now,
        by=by,
        organization=contract.buyer,
        subject=contract,
        data={"contract": contract.number, "body_hash": contract.body_hash},
        visibility="parties",
    )
    return contract


def _standard_terms(tender: Tender, amount_fen: int, now: datetime) -> list[Terms]:
    """Return the milestones that the frozen rules say, the amount split by their percents."""
    parts = list(tender.rules.get("milestones") or STANDARD)[: max(amount_fen // SMALLEST_FEN, 1)]
    weights = [int(part["percent"]) for part in parts]
    amounts = split(amount_fen, weights) if amount_fen >= SMALLEST_FEN else [amount_fen]
    begin, done, total = localdate(now), 0, sum(weights)
    terms: list[Terms] = []
    for part, amount in zip(parts, amounts, strict=True):
        done += int(part["percent"])
        days = max(-(-tender.delivery_days * done // total), 1)
        terms.append({"title": str(part["title"]), "amount_fen": amount, "due_date": begin + timedelta(days=days)})
    return terms


def _write(contract: Contract, terms: Sequence[Terms]) -> None:
    """Write milestones, text and hash."""
    rows = Milestone.objects.bulk_create(
        Milestone(contract=contract, number=number, **one) for number, one in enumerate(terms, start=1)
    )
    contract.body = render_body(contract, rows)
    contract.body_hash = digest(contract.body)
    contract.save(update_fields=["status", "body", "body_hash"])


def _check_terms(contract: Contract, milestones: Sequence[Terms], today: date) -> None:
    if not LEAST <= len(milestones) <= MOST:
        raise Invalid("milestones_count", _("合同分 %(least)s 到 %(most)s 个节点。") % {"least": LEAST, "most": MOST})
    earlier = today
    for number, one in enumerate(milestones, start=1):
        if not 1 <= len(one_line(one["title"])) <= 120:
            raise Invalid("milestone_title", _("请写第 %(number)s 个节点的内容，最多 120 个字。") % {"number": number})
        if one["amount_fen"] < SMALLEST_FEN:
            raise Invalid("milestone_amount", _("第 %(number)s 个节点的金额不能少于 0.10 元。") % {"number": number})
        if one["due_date"] < earlier:
            raise Invalid(
                "milestone_date",
                _("第 %(number)s 个节点的交付期限不能早于今天，也不能早于上一节点。") % {"number": number},
            )
        earlier = one["due_date"]
    total = sum(one["amount_fen"] for one in milestones)
    if total != contract.amount_fen:
        values = {"total": format_yuan(total), "amount": format_yuan(contract.amount_fen)}
        raise Invalid("milestones_sum", _("各节点合计 %(total)s 元，必须等于合同总价 %(amount)s 元。") % values)


def _terms_data(contract: Contract) -> dict[str, object]:
    return {
        "contract": contract.number,
        "amount_fen": contract.amount_fen,
        "body_hash": contract.body_hash,
        "milestones": [
            {"number": row.number, "title": row.title, "amount_fen": row.amount_fen, "due": row.due_date.isoformat()}
            for row in contract.milestones.order_by("number")
        ],
    }
