"""Signing up for a need, and taking it back."""

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
from marketplace.core.moments import until
from marketplace.core.refusals import Forbidden, Refused
from marketplace.parties.access import is_member
from marketplace.parties.models import Organization
from marketplace.parties.rules import unmet
from marketplace.parties.states import OrganizationStatus
from marketplace.tenders.models import Tender
from marketplace.tenders.states import TenderStatus

from ..models import Bidder
from ..states import BIDDER, BidderStatus

LABELS = [f"{number}号" for number in range(11, 100)]


def _label(tender: Tender, organization: Organization) -> str:
    """Pick the firm's masked name: fixed for the auction, unknown to others, unrelated to the order of signing up."""
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


def sign_up(*, tender: Tender, organization: Organization, by: User, now: datetime | None = None) -> Bidder:
    """Sign a firm up for a need.

    Refuses, each with its reason: `not_a_member` (403), `not_an_intermediary` (403), `suspended` (403), `signup_closed`,
    `own_tender`, `already_signed_up`, `not_qualified` (the lacking part of the service's requirement in words).
    """
    with transaction.atomic():
        tender = lock(tender)
        now = now or clock.database_now()
        if not is_member(by, organization):
            raise Forbidden("not_a_member", _("您不能代表这家机构报名。"))
        if not organization.is_intermediary:
            raise Forbidden("not_an_intermediary", _("只有入驻的中介机构可以报名，请先办理入驻。"))
        if organization.status != OrganizationStatus.ACTIVE:
            raise Forbidden("suspended", _("贵机构目前暂停承接业务，不能报名。"))
        _check_open(tender, now)
        if organization.pk == tender.buyer_id:
            raise Refused("own_tender", _("不能报名本单位发布的需求。"))
        if reason := unmet(organization, tender.service):
            raise Refused("not_qualified", _("暂不符合这项服务的要求：%(reason)s") % {"reason": reason})
        bidder = tender.bidders.filter(organization=organization).first()
        if bidder is None:
            bidder = Bidder(tender=tender, organization=organization, label=_label(tender, organization))
        elif bidder.status == BidderStatus.ACTIVE:
            raise Refused("already_signed_up", _("贵机构已经报名，无需重复报名。"))
        else:
            BIDDER.check(bidder.status, BidderStatus.ACTIVE)
        bidder.status = BidderStatus.ACTIVE
        bidder.signed_up_at, bidder.signed_up_by = now, by
        bidder.save()
        count = tender.bidders.filter(status=BidderStatus.ACTIVE).count()
        record(tender.process, "bidder_signed_up", by=by, now=now, subject=bidder, data={"bidders": count})
    return bidder


def withdraw_sign_up(*, bidder: Bidder, by: User, now: datetime | None = None) -> Bidder:
    """Take a sign-up back before the deadline; refuses `not_a_member` (403), `signup_closed`, `state_conflict`."""
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
        count = tender.bidders.filter(status=BidderStatus.ACTIVE).count()
        record(tender.process, "bidder_withdrawn", by=by, now=now, subject=bidder, data={"bidders": count})
    return bidder


def name_firm(*, tender: Tender, now: datetime) -> Bidder | None:
    """Enter the firm that an owner named itself (direct, emergency); None when it may not take the service on now."""
    firm = tender.chosen_firm
    if firm is None or firm.pk == tender.buyer_id or firm.status != OrganizationStatus.ACTIVE:
        return None
    if unmet(firm, tender.service):
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
