"""Firms that a need fits, and the need in one sentence, as firms are told of it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from marketplace.core.money import format_yuan
from marketplace.parties.models import Organization
from marketplace.parties.states import OfferingStatus
from marketplace.tenders.models import FIXED_PRICE, Tender
from marketplace.tenders.rules import services_of


def fitting_firms(tender: Tender) -> QuerySet[Organization]:
    """Return the active firms that offer all of the services now, or any of them where one is enough, and are not kept out."""
    firms = Organization.objects.active().intermediaries().exclude(pk=tender.buyer_id)
    firms = firms.exclude(pk__in=tender.avoidances.values("organization")).order_by("pk")
    services = services_of(tender)
    live = {"offerings__status": OfferingStatus.LIVE}
    if tender.services_rule == Tender.ServicesRule.ANY:
        return firms.filter(offerings__service__in=services, **live).distinct()
    for service in services:
        firms = firms.filter(offerings__service=service, **live)
    return firms


def facts_in_words(tender: Tender) -> str:
    """Say in one sentence who needs what, for which money."""
    words = _("%(buyer)s需要“%(service)s”，最高限价 %(ceiling)s 元。")
    if tender.method in FIXED_PRICE:
        words = _("%(buyer)s需要“%(service)s”，价格 %(ceiling)s 元。")
    elif tender.is_upward:
        words = _("%(buyer)s公开出让权益（“%(service)s”），价高者得，起始价 %(ceiling)s 元。")
    return words % {
        "buyer": tender.buyer.name,
        "service": "、".join(service.name for service in services_of(tender)),
        "ceiling": format_yuan(tender.ceiling_fen),
    }
