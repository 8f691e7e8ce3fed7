"""What robots owe others: sealed offers, scores, picks, their word on an award, signatures and results."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from django.core.files.base import ContentFile
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.awards.actions import (
    accept_award,
    declare_no_interest,
    judge_offers,
    lock_marks,
    pick_firm,
)
from marketplace.awards.models import Award, Scorer, Selection
from marketplace.awards.states import AwardStatus, SelectionStatus
from marketplace.bidding.actions import submit_offer
from marketplace.bidding.models import Bidder
from marketplace.bidding.states import BidderStatus
from marketplace.contracts.actions import deliver_milestone, sign_contract
from marketplace.contracts.models import Contract, Milestone
from marketplace.contracts.states import ContractStatus, MilestoneStatus
from marketplace.core.refusals import Refused
from marketplace.parties.models import Organization
from marketplace.tenders.models import SEALED, WITH_PLAN, Method
from marketplace.tenders.states import TenderStatus

from .choices import PICK_REASON, marks, plan_of, price
from .history import agent, result_file

Duty = tuple[str, Callable[[], object]]


def do_all(
    owner: Organization, firms: list[Organization], scorers: list[User], rng: random.Random, now: datetime
) -> list[str]:
    """Do everything that waits for a robot; return it in words, a refusal by its code."""
    said = []
    duties = (_offers(firms, rng, now), _judging(owner, rng), _scores(scorers, rng), _awards(firms), _contracts(firms))
    for duty in duties:
        for words, act in duty:
            try:
                act()
            except Refused as refused:
                said.append(f"{words}: {refused.code}")
            else:
                said.append(words)
    return said


def _offers(firms: list[Organization], rng: random.Random, now: datetime) -> Iterator[Duty]:
    """Hand in an offer wherever a robot signed up and has none."""
    rows = Bidder.objects.filter(
        Q(tender__method__in=SEALED) | Q(tender__rules__sealed_first=True),
        organization__in=firms,
        status=BidderStatus.ACTIVE,
        tender__status__in=(TenderStatus.OPEN, TenderStatus.SELECTING),
        tender__selection_at__gt=now,
        sealed_offers=None,
    )
    for bidder in rows.select_related("tender__process", "organization"):
        plan = plan_of(bidder) if bidder.tender.method in WITH_PLAN else None
        yield (
            f"{bidder.tender.number}: sealed offer",
            partial(submit_offer, bidder=bidder, plan=plan, by=agent(bidder.organization), **price(rng, bidder.tender)),
        )


def _judging(owner: Organization, rng: random.Random) -> Iterator[Duty]:
    """Pick or compare as the owner."""
    rows = Selection.objects.filter(status=SelectionStatus.JUDGING, tender__buyer=owner)
    for selection in rows.select_related("tender__process"):
        tender, by = selection.tender, agent(owner)
        if tender.method == Method.CREDIT:
            label = rng.choice(selection.result["short_list"])
            yield f"{tender.number}: picked", partial(pick_firm, tender=tender, label=label, reason=PICK_REASON, by=by)
        elif tender.method == Method.MERIT:
            yield (
                f"{tender.number}: compared",
                partial(judge_offers, tender=tender, by=by, **marks(rng, tender, "owner")),
            )


def _scores(scorers: list[User], rng: random.Random) -> Iterator[Duty]:
    """Score wherever an owner, robot or visitor, asked a robot to."""
    rows = Scorer.objects.filter(
        user__in=scorers, locked_at=None, tender__selection__status=SelectionStatus.JUDGING
    ).select_related("tender__process", "user")
    for scorer in rows:
        yield f"{scorer.tender.number}: declared", partial(declare_no_interest, scorer=scorer, by=scorer.user)
        yield (
            f"{scorer.tender.number}: scored",
            partial(lock_marks, scorer=scorer, by=scorer.user, **marks(rng, scorer.tender, "scorers")),
        )


def _awards(firms: list[Organization]) -> Iterator[Duty]:
    """Take on what a robot was chosen for."""
    rows = Award.objects.filter(
        organization__in=firms, accepted_at=None, status__in=(AwardStatus.STANDSTILL, AwardStatus.ACCEPTING)
    )
    for award in rows.select_related("tender__process", "organization"):
        if int(award.tender.rules.get("acceptance_working_days", 0)):
            yield f"{award.tender.number}: accepted", partial(accept_award, award=award, by=agent(award.organization))


def _contracts(firms: list[Organization]) -> Iterator[Duty]:
    """Sign what a visitor offered, and deliver what a visitor paid for."""
    signing = Contract.objects.filter(supplier__in=firms, status=ContractStatus.SIGNING)
    for contract in signing.select_related("supplier", "tender__process"):
        side = contract.supplier
        if contract.signatures.filter(organization=side, body_hash=contract.body_hash).exists():
            continue
        yield (
            f"{contract.number}: signed",
            partial(sign_contract, contract=contract, organization=side, by=agent(side)),
        )
    paid = Milestone.objects.filter(contract__supplier__in=firms, status=MilestoneStatus.FUNDED, deliverables=None)
    for milestone in paid.select_related("contract__supplier", "contract__tender__process"):
        file: ContentFile[bytes] = result_file(milestone)
        by = agent(milestone.contract.supplier)
        yield (
            f"{milestone.contract.number}: delivered",
            partial(deliver_milestone, milestone=milestone, file=file, note="演示机器人提交的成果。", by=by),
        )
