"""Contracts in every state, led there by actions; payments as the provider's word settles them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from marketplace.awards.models import Award
from marketplace.contracts.actions import (
    accept_milestone,
    deliver_milestone,
    offer_contract,
    sign_contract,
    start_payment,
)
from marketplace.contracts.models import Contract, Milestone
from marketplace.core.locks import lock
from payments.actions import confirm_payment_intent
from payments.actions.settlement import Paid, settle_charge
from payments.actions.transfers import record_transfer
from payments.models import Transfer

from .awards import make_award
from .bidding import agent_of

_trades = count(2026112400000001)


def a_file(name: str = "成果报告.pdf", content: bytes = b"%PDF-1.7\nreport\n%%EOF") -> SimpleUploadedFile:
    """Make an upload."""
    return SimpleUploadedFile(name, content)


def an_office_file(name: str = "成果.docx", member: str = "word/document.xml") -> SimpleUploadedFile:
    """Make a small office document."""
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(member, "<x/>")
    return SimpleUploadedFile(name, out.getvalue())


def make_contract(
    *, status: str = "draft", award: Award | None = None, now: datetime | None = None, **terms: Any
) -> Contract:
    """Make a contract: draft, signing, active or completed. `terms` are those of the need."""
    award = award or make_award(status="confirmed", now=now, **terms)
    contract = Contract.objects.get(award=award)
    now = contract.created_at + timedelta(minutes=1)
    buyer, supplier = agent_of(contract.buyer), agent_of(contract.supplier)
    if status != "draft":
        offer_contract(contract=contract, by=buyer, now=now)
    if status in {"active", "completed"}:
        sign_contract(contract=contract, organization=contract.supplier, by=supplier, now=now)
        sign_contract(contract=contract, organization=contract.buyer, by=buyer, now=now)
    if status == "completed":
        for milestone in contract.milestones.order_by("number"):
            carry(milestone, "settled")
    return fresh(contract)


def fresh(contract: Contract) -> Contract:
    """Read a contract again."""
    return Contract.objects.select_related("tender__process", "buyer__process", "supplier__process", "award").get(
        pk=contract.pk
    )


def pay(milestone: Milestone, now: datetime | None = None) -> None:
    """Pay a milestone: the attempt is opened and the provider's word settles it."""
    by = agent_of(milestone.contract.buyer)
    intent = start_payment(milestone=milestone, by=by, now=now)
    intent = confirm_payment_intent(intent=intent, return_url="http://127.0.0.1/back/", by=by, now=now)
    with transaction.atomic():
        intent = lock(intent)
        charge = intent.latest_charge
        assert charge is not None
        word = Paid(lock(charge), intent, str(next(_trades)), intent.amount_fen, "2088", None)
        settle_charge(word, now=now or intent.created_at)


def pay_out(milestone: Milestone, now: datetime | None = None) -> None:
    """Let the provider say that the firm has a milestone's money."""
    transfer = Transfer.objects.get(key=f"milestone-{milestone.pk}")
    record_transfer(transfer=transfer, status="paid", order_id=f"out{transfer.pk}", now=now or transfer.created_at)


def carry(milestone: Milestone, status: str) -> Milestone:
    """Carry a milestone of an active contract on to `status`: planned, funded, delivered, accepted or settled."""
    contract = milestone.contract
    path = ["funded", "delivered", "accepted", "settled"]
    moves = {
        "funded": partial(pay, milestone),
        "delivered": lambda: deliver_milestone(milestone=milestone, file=a_file(), by=agent_of(contract.supplier)),
        "accepted": lambda: accept_milestone(milestone=milestone, by=agent_of(contract.buyer)),
        "settled": partial(pay_out, milestone),
    }
    for step in path[: path.index(status) + 1 if status in path else 0]:
        milestone = Milestone.objects.select_related("contract").get(pk=milestone.pk)
        if path.index(step) > (path.index(milestone.status) if milestone.status in path else -1):
            moves[step]()
    return Milestone.objects.select_related("contract__tender").get(pk=milestone.pk)
