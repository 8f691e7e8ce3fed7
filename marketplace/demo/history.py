"""The legal history of one need: the same actions as people take, at the times that they would have had."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import segno
from django.conf import settings
from django.core.files.base import ContentFile

from marketplace.accounts.models import User
from marketplace.awards.actions import confirm_award, object_to_award
from marketplace.awards.models import Award
from marketplace.bidding.actions import close_auction, end_sign_up, open_auction, sign_up
from marketplace.bidding.models import Auction, Bidder
from marketplace.contracts.actions import (
    accept_milestone,
    confirm_receipt,
    deliver_milestone,
    offer_contract,
    sign_contract,
    start_payment,
)
from marketplace.contracts.models import Contract, Milestone
from marketplace.core.refusals import Refused
from marketplace.parties.models import Organization
from marketplace.reviews.actions import publish_review, reply_to_review
from marketplace.tenders.actions import cancel_tender, publish_tender, save_draft
from marketplace.tenders.models import Tender
from payments.actions import confirm_payment_intent
from payments.sandbox.robot import InProcess

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# How far a history goes; each step includes those before it.
STEPS = (
    "published",
    "signed_up",
    "opened",
    "closed",
    "confirmed",
    "offered",
    "signed",
    "paid",
    "delivered",
    "accepted",
)
PRAISE = (
    ("成果规范、数据扎实，专家评审一次通过，沟通也很及时。", "感谢信任，后续如需补充材料请随时联系我们。"),
    ("按期提交，现场踏勘认真。报告个别表格做了一轮修改。", "表格问题已在内部复盘，谢谢指出。"),
    ("价格合理，进度比约定提前三天，值得再次合作。", ""),
    ("报告质量不错，但初稿比约定晚了两天。", "因现场资料调整略有延误，今后会提前告知。"),
    ("服务态度好，对审批部门的意见响应很快。", ""),
)


@dataclass
class World:
    """What histories need of the world: its dice, its gateway with a buyer, and one clock for both."""

    rng: random.Random
    gateway: InProcess
    now: datetime

    def at(self, moment: datetime) -> datetime:
        """Set the world's clock and return it."""
        self.now = self.gateway.now = moment
        return moment


def agent(organization: Organization) -> User:
    """Return who acts for an organization."""
    user: User = organization.memberships.select_related("user").order_by("pk")[0].user
    return user


def draft(world: World, buyer: Organization, terms: dict[str, object], at: datetime) -> Tender:
    """Draft a need."""
    return save_draft(buyer=buyer, values=terms, by=agent(buyer), now=world.at(at))


def publish(world: World, tender: Tender, at: datetime) -> Tender:
    """Publish a draft."""
    return publish_tender(tender=tender, by=agent(tender.buyer), now=world.at(at))


def cancel(world: World, tender: Tender, at: datetime, reason: str) -> Tender:
    """Cancel a published need."""
    return cancel_tender(tender=tender, reason=reason, by=agent(tender.buyer), now=world.at(at))


def take_sign_ups(
    world: World, tender: Tender, firms: list[Organization], count: int, until: datetime | None = None
) -> list[Bidder]:
    """Sign up to `count` of the firms up, spread over the time for it; one that is tied to another is turned away."""
    begin = tender.published_at or tender.created_at
    span = (until or tender.signup_ends_at) - begin
    bidders: list[Bidder] = []
    for firm in firms:
        if len(bidders) == count:
            break
        at = world.at(begin + span * (len(bidders) + 1) / (count + 2))
        try:
            bidders.append(sign_up(tender=tender, organization=firm, by=agent(firm), now=at))
        except Refused as refused:
            if refused.code != "conflict":
                raise
    return bidders


def start(world: World, tender: Tender) -> Auction:
    """End the sign-up and open the auction at their times."""
    end_sign_up(tender=tender, now=world.at(tender.signup_ends_at))
    auction = Auction.objects.select_related("tender__process").get(tender=tender)
    return open_auction(auction=auction, now=world.at(auction.opens_at))


def close(world: World, auction: Auction) -> Auction:
    """Close the auction at its effective end."""
    auction.refresh_from_db()
    return close_auction(auction=auction, now=world.at(auction.ends_at))


def confirm(world: World, tender: Tender) -> Award:
    """Let the standstill end and confirm the award."""
    award = tender.awards.get()
    return confirm_award(award=award, now=world.at(award.standstill_ends_at))


def object_to(world: World, tender: Tender, text: str) -> Award:
    """Let a firm that did not win object in the standstill."""
    award = tender.awards.get()
    loser = tender.bidders.exclude(pk=award.bidder_id).select_related("organization").order_by("pk")[0].organization
    object_to_award(award=award, organization=loser, text=text, by=agent(loser), now=world.at(award.proposed_at + HOUR))
    return award


def offer(world: World, tender: Tender) -> Contract:
    """Let the owner settle the contract's text."""
    contract = Contract.objects.get(tender=tender)
    return offer_contract(contract=contract, by=agent(contract.buyer), now=world.at(world.now + 3 * HOUR))


def sign(world: World, contract: Contract, *, only_buyer: bool = False) -> Contract:
    """Let both sides sign, or the owner alone."""
    for side in (contract.buyer,) if only_buyer else (contract.buyer, contract.supplier):
        contract = sign_contract(
            contract=contract, organization=side, by=agent(side), now=world.at(world.now + 5 * HOUR)
        )
    return contract


def receive(world: World, contract: Contract) -> None:
    """Let the owner of a sold right say that the price has come."""
    confirm_receipt(contract=contract, by=agent(contract.buyer), now=world.at(world.now + 3 * DAY))


def pay(world: World, milestone: Milestone) -> None:
    """Pay a milestone at the gateway's cashier; its notice funds it."""
    buyer = milestone.contract.buyer
    intent = start_payment(milestone=milestone, by=agent(buyer), now=world.at(world.now + DAY))
    intent = confirm_payment_intent(
        intent=intent,
        return_url=f"{settings.BASE_URL}/payments/{intent.pk}/return/",
        by=agent(buyer),
        now=world.at(world.now + timedelta(minutes=1)),
    )
    world.gateway.pay(intent.next_action_url)


def result_file(milestone: Milestone) -> ContentFile[bytes]:
    """Return a result: a real PDF that shows where it can be checked."""
    contract, held = milestone.contract, io.BytesIO()
    address = f"{settings.BASE_URL}/process/{contract.tender.process.ocid}/"
    segno.make(address, error="m").save(held, kind="pdf", scale=8)
    return ContentFile(held.getvalue(), name=f"{contract.number}-{milestone.number}-成果.pdf")


def deliver(world: World, milestone: Milestone) -> None:
    """Let the firm hand in a result."""
    deliver_milestone(
        milestone=milestone,
        file=result_file(milestone),
        note="演示成果：扫码查看全过程记录。",
        by=agent(milestone.contract.supplier),
        now=world.at(world.now + world.rng.randint(2, 6) * DAY),
    )


def accept(world: World, milestone: Milestone) -> None:
    """Let the owner accept; the settlement follows by itself."""
    milestone.refresh_from_db()
    accept_milestone(milestone=milestone, by=agent(milestone.contract.buyer), now=world.at(world.now + DAY))


def review(world: World, contract: Contract) -> None:
    """Let the owner review, and sometimes the firm reply."""
    contract.refresh_from_db()
    text, reply = world.rng.choice(PRAISE)
    scores = {
        name: world.rng.choice((3, 4, 4, 5, 5, 5)) for name in ("quality", "timeliness", "attitude", "price", "conduct")
    }
    given = publish_review(
        contract=contract, by=agent(contract.buyer), **scores, text=text, now=world.at(world.now + 2 * DAY)
    )
    if reply:
        reply_to_review(review=given, by=agent(contract.supplier), text=reply, now=world.at(world.now + DAY))
