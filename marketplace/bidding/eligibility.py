"""Whether a firm may take part in a need: what its services ask for, avoidance, credit, and ties."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marketplace.core.refusals import Refused
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender
from marketplace.tenders.rules import lacking, services_of

from .conflicts import conflict_of
from .states import BidderStatus


def credit_of(organization: Organization, tender: Tender) -> int:
    """Return a firm's credit in hundredths of a point; nobody's review yet counts as the frozen rules say."""
    credit = getattr(organization, "credit", None)
    return int(credit.score if credit is not None else tender.rules.get("credit_without_reviews", 0))


def check_may_take_part(*, tender: Tender, organization: Organization) -> None:
    """Refuse with `not_qualified`, `avoided`, `credit_too_low` or `conflict` a firm that must stay out of a need."""
    if reason := lacking(organization, services_of(tender), tender.services_rule):
        raise Refused("not_qualified", _("暂不符合这项服务的要求：%(reason)s") % {"reason": reason})
    if avoidance := tender.avoidances.filter(organization=organization).first():
        raise Refused("avoided", _("业主要求贵机构回避，理由：%(reason)s") % {"reason": avoidance.reason})
    credit = credit_of(organization, tender)
    if credit < tender.minimum_credit * 100:
        raise Refused(
            "credit_too_low",
            _("这项需求要求信用分不低于 %(least)d 分，贵机构目前是 %(credit)s 分。")
            % {"least": tender.minimum_credit, "credit": f"{credit / 100:.1f}"},
        )
    active = tender.bidders.filter(status=BidderStatus.ACTIVE).exclude(organization=organization)
    others = [bidder.organization for bidder in active.select_related("organization").order_by("pk")]
    if sentence := conflict_of(tender, organization, others):
        raise Refused("conflict", sentence)
