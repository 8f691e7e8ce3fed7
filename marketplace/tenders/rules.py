"""Who may do what with a need, and what a firm lacks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import rules
from django.utils.translation import gettext as _

from marketplace.catalog.models import QualificationKind, ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.parties.access import is_member, organizations_of
from marketplace.parties.models import Membership, Organization
from marketplace.parties.rules import unmet
from marketplace.parties.states import OrganizationStatus

from .models import Question, Tender
from .states import TenderStatus


@rules.predicate
def is_staff(user: Any) -> bool:
    """Tell whether somebody is an administrator."""
    return bool(getattr(user, "is_staff", False))


@rules.predicate
def is_owner(user: Any, tender: Tender | None) -> bool:
    """Tell whether somebody acts for the organization that posted the need."""
    return tender is not None and is_member(user, tender.buyer)


@rules.predicate
def runs_for_owner(user: Any, tender: Tender | None) -> bool:
    """Tell whether somebody acts for the owner of the need with the power to run needs."""
    return tender is not None and is_member(user, tender.buyer, power=Membership.Power.NEED)


@rules.predicate
def may_post(user: Any, buyer: Organization | None) -> bool:
    """Tell whether somebody may post needs for `buyer`: a member with this power, and the organization is an active buyer."""
    if buyer is None or not buyer.is_buyer or buyer.status != OrganizationStatus.ACTIVE:
        return False
    return is_member(user, buyer, power=Membership.Power.NEED)


@rules.predicate
def may_post_again(user: Any, tender: Tender | None) -> bool:
    """Tell whether somebody may post needs for the owner of this one."""
    return tender is not None and may_post(user, tender.buyer)


@rules.predicate
def is_visible(_user: Any, tender: Tender | None) -> bool:
    """Tell whether a need was published."""
    return tender is not None and tender.published_at is not None


@rules.predicate
def is_before_auction(_user: Any, tender: Tender | None) -> bool:
    """Tell whether bidding has not begun: afterwards an owner may not pull a need out from under the bidders."""
    return tender is not None and tender.status in {TenderStatus.DRAFT, TenderStatus.OPEN}


@rules.predicate
def acts_for_a_firm(user: Any, tender: Tender | None) -> bool:
    """Tell whether somebody acts for an active intermediary that did not post the need itself."""
    return tender is not None and any(
        one.is_intermediary and one.status == OrganizationStatus.ACTIVE and one.pk != tender.buyer_id
        for one in organizations_of(user)
    )


@rules.predicate
def is_asked(user: Any, question: Question | None) -> bool:
    """Tell whether somebody runs the need that a question is about, for its owner."""
    return question is not None and runs_for_owner(user, question.tender)


def services_of(tender: Tender) -> list[ServiceCategory]:
    """Return all services of a need, the main one first."""
    return [tender.service, *tender.more_services.order_by("code")]


def lacking(
    firm: Organization,
    services: Iterable[ServiceCategory],
    services_rule: str,
    *,
    kinds: Mapping[str, QualificationKind] | None = None,
) -> str:
    """Return "" when a firm may take on all of the services, or with the rule `any` one of them, else what is in the way.

    Of several services the sentence names those that it is about. `kinds` spares the look-up where many pairs are asked for;
    `prepare` the firms then (parties.eligibility).
    """
    services = list(services)
    kinds = kinds_for(services) if kinds is None else kinds
    reasons = [(service, unmet(firm, service, kinds=kinds)) for service in services]
    missing = [(service, reason) for service, reason in reasons if reason]
    if not missing or (services_rule == Tender.ServicesRule.ANY and len(missing) < len(services)):
        return ""
    if len(services) == 1:
        return missing[0][1]
    return " ".join(_("“%(service)s”：%(reason)s") % {"service": one.label, "reason": why} for one, why in missing)


rules.add_perm("tenders.view_tender", is_visible | is_owner | is_staff)
rules.add_perm("tenders.change_tender", runs_for_owner)
rules.add_perm("tenders.amend_tender", runs_for_owner)
rules.add_perm("tenders.keep_out_firm", runs_for_owner)
rules.add_perm("tenders.invite_firm", runs_for_owner)
rules.add_perm("tenders.cancel_tender", (runs_for_owner & is_before_auction) | is_staff)
rules.add_perm("tenders.void_tender", is_staff)
rules.add_perm("tenders.scrap_tender", runs_for_owner | is_staff)
rules.add_perm("tenders.repost_tender", may_post_again)
rules.add_perm("tenders.copy_tender", may_post_again)
rules.add_perm("tenders.decide_tender", runs_for_owner | is_staff)
rules.add_perm("tenders.adopt_rule_set", is_staff)
rules.add_perm("tenders.ask_question", acts_for_a_firm)
rules.add_perm("tenders.answer_question", is_asked)
