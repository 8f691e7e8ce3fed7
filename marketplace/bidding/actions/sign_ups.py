"""Signing up for a need, the number that a firm adds to the draw, and taking a sign-up back."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event
from marketplace.core.moments import until
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.access import is_member
from marketplace.parties.models import Membership, Organization
from marketplace.parties.states import OrganizationStatus
from marketplace.tenders.models import NAMED, Tender
from marketplace.tenders.rules import lacking, services_of
from marketplace.tenders.states import TenderStatus

from ..conflicts import conflict_of
from ..eligibility import check_may_take_part
from ..models import Bidder
from ..states import BIDDER, BidderStatus, OfferStatus
from .offers import take_back

LABELS = [f"{number}号" for number in range(11, 100)]
NONCE_LENGTH = 64


def _label(tender: Tender, organization: Organization) -> str:
    """Pick the firm's masked name: fixed for the need, unknown to others, unrelated to the order of signing up."""
    taken = set(tender.bidders.values_list("label", flat=True))
    message = f"{tender.number}|{organization.pk}".encode()
    start = int.from_bytes(hmac.digest(settings.SECRET_KEY.encode(), message, hashlib.sha256)[:4], "big")
    free = [label for label in LABELS if label not in taken] or [f"{number}号" for number in range(100, 10000)]
    return next(label for label in free[start % len(free) :] + free if label not in taken)


def _check_open(tender: Tender, now: datetime) -> None:
    if tender.status != TenderStatus.OPEN or now >= tender.signup_ends_at:
        raise Refused(
            "signup_closed",
            _("报名已于 %(time)s 截止。") % {"time": until(tender.signup_ends_at)},
        )


def _clean_nonce(nonce: str) -> str:
    """Return what a firm adds to the draw as it goes into the seed; refuses `nonce_invalid` (422)."""
    nonce = nonce.strip()
    if len(nonce) > NONCE_LENGTH or not nonce.isprintable():
        raise Invalid(
            "nonce_invalid",
            _("随机数最多 %(limit)d 个可见字符，不能换行。") % {"limit": NONCE_LENGTH},
            field="nonce",
        )
    return nonce


def sign_up(
    *, tender: Tender, organization: Organization, nonce: str = "", by: User, now: datetime | None = None
) -> Bidder:
    """Sign a firm up for a need; `nonce` is what it adds to the seed of a draw, if it wants to.

    Refuses, each with its reason: `not_a_member` (403), `not_an_intermediary` (403), `suspended` (403), `nobody_signs_up`,
    `signup_closed`, `own_tender`, `already_signed_up`, `nonce_invalid` (422), `not_qualified` (the lacking part of each
    service's requirement in words), `avoided`, `credit_too_low`, `conflict` (what ties it, and to whom: the owner or another
    firm, never which).
    """
    with transaction.atomic():
        tender = lock(tender)
        now = now or clock.database_now()
        if not is_member(by, organization, power=Membership.Power.BID):
            raise Forbidden("not_a_member", _("您不能代表这家机构报名。"))
        if not organization.is_intermediary:
            raise Forbidden("not_an_intermediary", _("只有入驻的中介机构可以报名，请先办理入驻。"))
        if organization.status != OrganizationStatus.ACTIVE:
            raise Forbidden("suspended", _("贵机构目前暂停承接业务，不能报名。"))
        if tender.method in NAMED:
            raise Refused("nobody_signs_up", _("这项需求由业主直接选定机构，不接受报名。"))
        _check_open(tender, now)
        if organization.pk == tender.buyer_id:
            raise Refused("own_tender", _("不能报名本单位发布的需求。"))
        bidder = tender.bidders.filter(organization=organization).first()
        if bidder is not None and bidder.status == BidderStatus.ACTIVE:
            raise Refused("already_signed_up", _("贵机构已经报名，无需重复报名。"))
        check_may_take_part(tender=tender, organization=organization)
        if bidder is None:
            bidder = Bidder(tender=tender, organization=organization, label=_label(tender, organization))
        else:
            BIDDER.check(bidder.status, BidderStatus.ACTIVE)
        bidder.status = BidderStatus.ACTIVE
        bidder.nonce = _clean_nonce(nonce)
        bidder.ready_at = None
        bidder.signed_up_at, bidder.signed_up_by = now, by
        bidder.save()
        record(
            tender.process, "bidder_signed_up", by=by, now=now, subject=bidder, data={"bidders": count_bidders(tender)}
        )
    return bidder


def set_nonce(*, bidder: Bidder, nonce: str, by: User, now: datetime | None = None) -> Bidder:
    """Change what a firm adds to the seed of the draw, until the sign-up ends; blank takes it back.

    Refuses `not_a_member` (403), `not_signed_up` (403), `nonce_late`, `nonce_invalid` (422).
    """
    with transaction.atomic():
        tender = lock(bidder.tender)
        bidder = lock(bidder)
        now = now or clock.database_now()
        if not by.has_perm("bidding.set_nonce", bidder):
            raise Forbidden("not_a_member", _("您不能代表这家机构填写随机数。"))
        if bidder.status != BidderStatus.ACTIVE:
            raise Forbidden("not_signed_up", _("贵机构没有报名这项需求。"))
        if tender.status != TenderStatus.OPEN or now >= tender.signup_ends_at:
            words = {"time": until(tender.signup_ends_at)}
            raise Refused("nonce_late", _("随机数已于 %(time)s 随报名截止固定，不能再改。") % words, field="nonce")
        bidder.nonce = _clean_nonce(nonce)
        bidder.save(update_fields=["nonce"])
        record(
            tender.process,
            "nonce_set",
            by=by,
            now=now,
            subject=bidder,
            data={"label": bidder.label},
            visibility=Event.Visibility.PRIVATE,
        )
    return bidder


def withdraw_sign_up(*, bidder: Bidder, by: User, now: datetime | None = None) -> Bidder:
    """Take a sign-up back before the deadline, and the sealed offer with it.

    Refuses `not_a_member` (403), `signup_closed`, `state_conflict`.
    """
    with transaction.atomic():
        tender = lock(bidder.tender)
        bidder = lock(bidder)
        now = now or clock.database_now()
        if not by.has_perm("bidding.withdraw_sign_up", bidder):
            raise Forbidden("not_a_member", _("您不能代表这家机构撤回报名。"))
        _check_open(tender, now)
        BIDDER.check(bidder.status, BidderStatus.WITHDRAWN)
        bidder.status = BidderStatus.WITHDRAWN
        bidder.save(update_fields=["status"])
        for offer in bidder.sealed_offers.filter(status=OfferStatus.SEALED):
            take_back(tender=tender, offer=offer, now=now)
        record(
            tender.process, "bidder_withdrawn", by=by, now=now, subject=bidder, data={"bidders": count_bidders(tender)}
        )
    return bidder


def count_bidders(tender: Tender) -> int:
    """Return how many firms are signed up."""
    return tender.bidders.filter(status=BidderStatus.ACTIVE).count()


def name_firm(*, tender: Tender, now: datetime) -> Bidder | None:
    """Enter the firm that an owner named itself (direct, emergency); None when it may not take the services on now.

    Ties to the owner keep a named firm out as they keep out one that signs up.
    """
    firm = tender.chosen_firm
    if firm is None or firm.pk == tender.buyer_id or firm.status != OrganizationStatus.ACTIVE:
        return None
    if lacking(firm, services_of(tender), tender.services_rule) or conflict_of(tender, firm, ()):
        return None
    bidder = tender.bidders.filter(organization=firm).first()
    if bidder is not None:
        return bidder
    bidder = Bidder.objects.create(
        tender=tender,
        organization=firm,
        label=_label(tender, firm),
        signed_up_at=now,
        signed_up_by=tender.created_by,
    )
    record(tender.process, "firm_named", now=now, organization=firm, subject=bidder, data={"firm": firm.name})
    return bidder
