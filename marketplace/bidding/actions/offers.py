"""Sealed offers: handed in, replaced and taken back until the opening, readable by nobody before it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.files import check_upload
from marketplace.core.locks import lock
from marketplace.core.moments import until
from marketplace.core.money import format_yuan
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.core.safe import Missing, safe
from marketplace.core.sealing import seal
from marketplace.parties.actions import notify_organization
from marketplace.tenders.models import WITH_PLAN, AuctionDirection, Tender
from marketplace.tenders.states import TenderStatus

from ..commitments import NONCE, POINTS, Content, commitment, context, discounted_fen, new_nonce, statement
from ..models import Bidder, SealedOffer
from ..states import OFFER, BidderStatus, OfferStatus
from .boxes import create_box, key_name, tell_key_missing

PLAN_KINDS = ("pdf", "ofd", "docx")


@dataclass(frozen=True)
class Receipt:
    """Be what a firm keeps of its offer: `commitment` is the SHA-256 of `statement`. Kept nowhere else."""

    commitment: str
    statement: str
    amount_fen: int
    nonce: str
    plan_sha256: str


@sensitive_variables()
def submit_offer(
    *,
    bidder: Bidder,
    amount_fen: int | None = None,
    discount_points: int | None = None,
    plan: Any = None,
    nonce: str = "",
    by: User,
    now: datetime | None = None,
) -> tuple[SealedOffer, Receipt]:
    """Seal an offer, in place of the firm's former one, and return it with the receipt that nobody gets a second time.

    `amount_fen`, or where the need asks for a discount `discount_points` in hundredths of a percent, from which the amount
    follows; `plan` is the uploaded file where the method asks for one. `nonce` is made by the client (64 hexadecimal digits)
    or here; the same offer with the same nonce is the same offer, so that a repeated submit changes nothing. The time that
    counts is the database's clock read after the lock was obtained (`now` is for seeds and tests).

    Refuses: `not_signed_up` (403), `suspended` (403), `nothing_sealed`, `offers_closed`, `offer_late`, `nonce_invalid` (422),
    `amount_missing`, `amount_invalid`, `discount_missing`, `discount_invalid`, `above_ceiling`, `below_floor`,
    `plan_missing`, `plan_unwanted` (all 422), what check_upload refuses, and `key_missing` when the safe does not hold the box's
    key: an offer that could never be opened, or that somebody else's key would open, is not taken.
    """
    try:
        with transaction.atomic():
            return _decide(bidder, amount_fen, discount_points, plan, nonce, by, now)
    except Missing as missing:
        tell_key_missing(tender=bidder.tender, now=now or clock.now())
        message = _("这项需求的报价箱目前打不开，暂时不能收报价，平台管理机构已经收到通知。请稍后再试。")
        raise Refused("key_missing", message) from missing


@sensitive_variables()
def _decide(
    bidder: Bidder,
    amount_fen: int | None,
    discount_points: int | None,
    plan: Any,
    nonce: str,
    by: User,
    now: datetime | None,
) -> tuple[SealedOffer, Receipt]:
    tender = lock(bidder.tender)
    bidder = Bidder.objects.select_for_update(of=("self",)).select_related("organization").get(pk=bidder.pk)
    now = now or clock.database_now()
    if bidder.status != BidderStatus.ACTIVE:
        raise Forbidden("not_signed_up", _("贵机构没有报名这项需求，不能报价。"))
    if not by.has_perm("bidding.submit_offer", bidder):
        raise Forbidden("suspended", _("您目前不能代表这家机构报价。"))
    _check_time(tender, now)
    nonce = nonce or new_nonce()
    if not NONCE.match(nonce):
        raise Invalid("nonce_invalid", _("这次提交的随机数不完整，请刷新页面后再提交。"))
    amount = price_of(tender, amount_fen=amount_fen, discount_points=discount_points)
    content = _content(tender, amount, discount_points, nonce, plan)
    values: dict[str, Any] = {"amount_fen": amount, "nonce": nonce, "plan_sha256": content.plan_sha256}
    known = {"tender": tender.number, "bidder": bidder.label, **values}
    receipt = Receipt(commitment=commitment(**known), statement=statement(**known), **values)
    former = bidder.sealed_offers.filter(status=OfferStatus.SEALED).first()
    if former is not None:
        if former.commitment == receipt.commitment:
            return former, receipt
        OFFER.check(former.status, OfferStatus.REPLACED)
        SealedOffer.objects.filter(pk=former.pk).update(status=OfferStatus.REPLACED)
    offer = _seal(tender, bidder, content, receipt, plan, by, now)
    _tell(tender, bidder, offer, now)
    record(
        tender.process,
        "offer_sealed",
        now=now,
        subject=tender,  # neither actor nor label: the public chain must not say who offered
        data={"commitment": receipt.commitment, "offers": sealed_count(tender)},
    )
    return offer, receipt


def withdraw_offer(*, offer: SealedOffer, by: User, now: datetime | None = None) -> SealedOffer:
    """Take an offer back before the opening; refuses `not_a_member` (403), `offer_late`, `offers_closed`, `state_conflict`."""
    with transaction.atomic():
        tender = lock(offer.bidder.tender)
        offer = lock(offer)
        now = now or clock.database_now()
        if not by.has_perm("bidding.withdraw_offer", offer.bidder):
            raise Forbidden("not_a_member", _("您不能代表这家机构撤回报价。"))
        _check_time(tender, now)
        take_back(tender=tender, offer=offer, now=now)
    return offer


def take_back(*, tender: Tender, offer: SealedOffer, now: datetime) -> None:
    """Mark an offer withdrawn, inside the transaction of who decided it."""
    OFFER.check(offer.status, OfferStatus.WITHDRAWN)
    offer.status = OfferStatus.WITHDRAWN
    offer.save(update_fields=["status"])
    record(tender.process, "offer_withdrawn", now=now, subject=tender, data={"offers": sealed_count(tender)})


def sealed_count(tender: Tender) -> int:
    """Return how many offers lie sealed in a need's box."""
    return SealedOffer.objects.filter(bidder__tender=tender, status=OfferStatus.SEALED).count()


def price_of(tender: Tender, *, amount_fen: int | None, discount_points: int | None) -> int:
    """Return the amount of an offer in fen; refuse one that the need's terms do not allow."""
    if tender.price_kind == Tender.PriceKind.DISCOUNT:
        field = "discount"
        if discount_points is None:
            raise Invalid("discount_missing", _("请填写下浮率。"), field=field)
        if not 0 <= discount_points < POINTS:
            raise Invalid("discount_invalid", _("下浮率应在 0% 与 100% 之间，最多两位小数。"), field=field)
        amount = discounted_fen(tender.ceiling_fen, discount_points)
    else:
        field = "amount"
        if amount_fen is None or discount_points is not None:
            raise Invalid("amount_missing", _("请填写报价金额。"), field=field)
        amount = amount_fen
    if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
        raise Invalid("amount_invalid", _("请填写大于零的金额，最小到分。"), field=field)
    if tender.auction_direction == AuctionDirection.UP:
        if amount < tender.ceiling_fen:
            words = {"start": format_yuan(tender.ceiling_fen)}
            raise Invalid("below_start", _("报价不能低于起始价 %(start)s 元。") % words, field=field)
        return amount
    if amount > tender.ceiling_fen:
        words = {"ceiling": format_yuan(tender.ceiling_fen)}
        raise Invalid("above_ceiling", _("报价不能高于最高限价 %(ceiling)s 元。") % words, field=field)
    if tender.floor_fen is not None and amount < tender.floor_fen:
        words = {"floor": format_yuan(tender.floor_fen)}
        raise Invalid("below_floor", _("报价不能低于最低限价 %(floor)s 元。") % words, field=field)
    return amount


def _check_time(tender: Tender, now: datetime) -> None:
    if not tender.is_sealed:
        raise Refused("nothing_sealed", _("这项需求的选取方式不收密封报价。"))
    if tender.status not in {TenderStatus.OPEN, TenderStatus.SELECTING}:
        raise Refused("offers_closed", _("这项需求已经不再接受报价。"))
    if now >= tender.selection_at:
        raise Refused(
            "offer_late", _("报价已于 %(time)s 截止，不能再提交或撤回。") % {"time": until(tender.selection_at)}
        )


@sensitive_variables()
def _content(tender: Tender, amount: int, discount_points: int | None, nonce: str, plan: Any) -> Content:
    if tender.method not in WITH_PLAN:
        if plan:
            raise Invalid("plan_unwanted", _("这项需求只比报价，不收方案文件。"), field="plan")
        return Content(amount, discount_points, nonce)
    if not plan:
        raise Invalid("plan_missing", _("请上传服务方案。"), field="plan")
    check_upload(plan, kinds=PLAN_KINDS, field="plan")
    name = PurePath(str(plan.name)).name[:200]
    return Content(amount, discount_points, nonce, name, hashlib.sha256(_bytes(plan)).hexdigest())


def _bytes(plan: Any) -> bytes:
    plan.seek(0)
    content: bytes = plan.read()
    return content


@sensitive_variables()
def _seal(
    tender: Tender, bidder: Bidder, content: Content, receipt: Receipt, plan: Any, by: User, now: datetime
) -> SealedOffer:
    box, number = create_box(tender=tender, now=now), bidder.sealed_offers.count() + 1
    safe().postpone(key_name(box), tender.selection_at)  # raises Missing for a box whose key is not ours
    public = box.public_key
    bound = partial(context, tender=tender.number, bidder=bidder.label, number=number)
    offer = SealedOffer(
        bidder=bidder,
        number=number,
        commitment=receipt.commitment,
        sealed=seal(public, content.packed(), bound(part="price")),
        submitted_at=now,
        submitted_by=by,
    )
    if plan:
        sealed = seal(public, _bytes(plan), bound(part="plan"))
        offer.plan.save(f"{secrets.token_hex(16)}.sealed", ContentFile(sealed), save=False)
    offer.save(force_insert=True)
    return offer


def _tell(tender: Tender, bidder: Bidder, offer: SealedOffer, now: datetime) -> None:
    values = {"title": tender.title, "commitment": offer.commitment, "until": until(tender.selection_at)}
    notify_organization(
        organization=bidder.organization,
        title=_("报价已密封：%(title)s") % values,
        body=_("承诺值 %(commitment)s。%(until)s 开启，在那之前可以替换或撤回，任何人都看不到内容。") % values,
        url=offer.get_absolute_url(),
        key=f"offer-{offer.pk}-sealed",
        now=now,
    )
