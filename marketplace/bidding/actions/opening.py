"""The opening of sealed offers: once, all together, by whoever notices first that the hour has come."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from functools import partial
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.moments import until
from marketplace.core.refusals import Refused
from marketplace.core.safe import Missing, TooEarly, safe
from marketplace.core.sealing import Unopenable, unseal
from marketplace.parties.actions import notify_organization
from marketplace.tenders.models import WITH_PLAN, Tender
from marketplace.tenders.states import TenderStatus

from ..commitments import Content, commitment, context
from ..models import OfferBox, SealedOffer
from ..queries import opened_offers
from ..states import OFFER, BidderStatus, OfferStatus
from .boxes import create_box, key_name, tell_key_missing
from .offers import price_of
from .rounds import end_sign_up


def open_offers(*, tender: Tender, now: datetime | None = None) -> list[SealedOffer]:
    """Open the sealed offers of a need whose hour has come, and return those that hold, by label.

    Each is deciphered with the need's key from the safe and held against its commitment, the chain that announced it and the
    terms as they are now; what does not fit is marked invalid with the reason, and the rest goes on. Idempotent; two at once open once.

    Refuses: `nothing_sealed`, `not_selecting` (failed, cancelled, awarded without an opening), `too_early`, and `key_missing`
    when the safe does not give the key: the need stays as it is, administrators are told, and the next try may succeed.
    """
    if tender.status == TenderStatus.OPEN:
        tender = end_sign_up(tender=tender, now=now)
    try:
        with transaction.atomic():
            return _open_all(lock(tender), now)
    except TooEarly as early:
        raise Refused("too_early", _("报价还没有到开启时间。")) from early
    except Missing as missing:
        tell_key_missing(tender=tender, now=now or clock.now())
        raise Refused(
            "key_missing", _("报价箱的密钥目前读不出，报价暂时不能开启，平台管理机构已经收到通知。")
        ) from missing


def _open_all(tender: Tender, now: datetime | None) -> list[SealedOffer]:
    now = now or clock.database_now()
    if not tender.is_sealed:
        raise Refused("nothing_sealed", _("这项需求的选取方式不收密封报价。"))
    box = OfferBox.objects.filter(tender=tender).first()
    if box is not None and box.opened_at is not None:
        return list(opened_offers(tender))
    if tender.status not in {TenderStatus.OPEN, TenderStatus.SELECTING}:
        raise Refused("not_selecting", _("这项需求不在选取中，报价不会开启。"))
    if tender.status == TenderStatus.OPEN or now < tender.selection_at:
        raise Refused("too_early", _("报价将于 %(time)s 开启。") % {"time": until(tender.selection_at)})
    box = box or create_box(tender=tender, now=now)
    key = safe().take(key_name(box), now)
    announced = set(tender.process.events.filter(name="offer_sealed").values_list("data__commitment", flat=True))
    rows = SealedOffer.objects.filter(bidder__tender=tender, status=OfferStatus.SEALED)
    for offer in rows.select_related("bidder__organization").order_by("bidder__label"):
        if offer.commitment in announced:
            _open_one(offer, tender, key, now)
        else:
            _mark_invalid(offer, tender, "承诺值不在公开记录中", now)
    OfferBox.objects.filter(pk=box.pk).update(opened_at=now)
    opened = list(opened_offers(tender))
    invalid = SealedOffer.objects.filter(bidder__tender=tender, status=OfferStatus.INVALID).count()
    record(
        tender.process,
        "offers_opened",
        now=now,
        subject=tender,
        data={
            "offers": len(opened),
            "invalid": invalid,
            "commitments": sorted(offer.commitment for offer in opened),
        },
    )
    return opened


def _open_one(offer: SealedOffer, tender: Tender, key: bytes, now: datetime) -> None:
    """Open an offer, or mark it invalid with the reason."""
    try:
        content, plan = _read(offer, tender, key)
    except Unopenable as problem:
        _mark_invalid(offer, tender, str(problem), now)
        return
    OFFER.check(offer.status, OfferStatus.OPENED)
    offer.status, offer.opened_at = OfferStatus.OPENED, now
    offer.amount_fen, offer.discount_points = content.amount_fen, content.discount_points
    offer.nonce, offer.plan_name, offer.plan_sha256 = content.nonce, content.plan_name, content.plan_sha256
    if plan:
        suffix = PurePath(content.plan_name).suffix.lower()
        offer.opened_plan.save(f"{secrets.token_hex(16)}{suffix}", ContentFile(plan), save=False)
    offer.save()


def _mark_invalid(offer: SealedOffer, tender: Tender, reason: str, now: datetime) -> None:
    OFFER.check(offer.status, OfferStatus.INVALID)
    offer.status, offer.reason, offer.opened_at = OfferStatus.INVALID, reason, now
    offer.save(update_fields=["status", "reason", "opened_at"])
    notify_organization(
        organization=offer.bidder.organization,
        title=_("报价无效：%(title)s") % {"title": tender.title},
        body=_("开启时认定报价无效，原因：%(reason)s。承诺值 %(commitment)s。如有疑问请与平台管理机构联系。")
        % {"reason": reason, "commitment": offer.commitment},
        url=offer.get_absolute_url(),
        key=f"offer-{offer.pk}-invalid",
        now=now,
    )


def _read(offer: SealedOffer, tender: Tender, key: bytes) -> tuple[Content, bytes]:
    """Return what an offer holds and its plan; raises Unopenable with the reason why it does not count."""
    bidder = offer.bidder
    if bidder.status != BidderStatus.ACTIVE:
        raise Unopenable("机构已不在报名名单中")
    bound = partial(context, tender=tender.number, bidder=bidder.label, number=offer.number)
    try:
        content = Content.unpacked(unseal(key, bytes(offer.sealed), bound(part="price")))
    except (Unopenable, ValueError) as problem:
        raise Unopenable("密文不能用报价箱的密钥解开") from problem
    plan = b""
    if tender.method in WITH_PLAN:
        try:
            with offer.plan.open("rb") as file:
                plan = unseal(key, file.read(), bound(part="plan"))
        except (Unopenable, OSError, ValueError) as problem:
            raise Unopenable("方案文件缺失或被改动") from problem
    _check(offer, tender, content, plan)
    return content, plan


def _check(offer: SealedOffer, tender: Tender, content: Content, plan: bytes) -> None:
    """Raise Unopenable unless an offer is what its commitment says and keeps to the terms as they are now."""
    plan_sha256 = hashlib.sha256(plan).hexdigest() if plan else ""
    fixed = commitment(
        tender=tender.number,
        bidder=offer.bidder.label,
        amount_fen=content.amount_fen,
        nonce=content.nonce,
        plan_sha256=plan_sha256,
    )
    if (fixed, plan_sha256) != (offer.commitment, content.plan_sha256):
        raise Unopenable("内容与提交时的承诺值不一致")
    by_discount = tender.price_kind == Tender.PriceKind.DISCOUNT
    given = {"amount_fen": None if by_discount else content.amount_fen, "discount_points": content.discount_points}
    try:
        price = price_of(tender, **given)
    except Refused as refused:
        raise Unopenable(REASONS.get(refused.code, "报价形式与公告不一致")) from refused
    if price != content.amount_fen:
        raise Unopenable("公告变更最高限价后没有重新提交报价")


REASONS = {"above_ceiling": "报价高于最高限价", "below_start": "报价低于起始价", "below_floor": "报价低于最低限价"}
