"""Who may act for an organization, and what a firm lacks for a service."""

from __future__ import annotations

from typing import Any

import rules

from .access import is_member
from .eligibility import eligible, unmet, unmet_each
from .models import Commitment, EntryClaim, Organization, PublicityObjection, Qualification
from .states import OrganizationStatus

__all__ = [
    "eligible",
    "is_administrator",
    "may_act_for",
    "may_administer",
    "may_enter_batch",
    "may_see_certificate",
    "may_see_claim",
    "may_see_letter",
    "may_see_objector",
    "may_set_shareholdings",
    "unmet",
    "unmet_each",
]


@rules.predicate
def is_administrator(user: Any) -> bool:
    """Allow the marketplace's administrators."""
    return bool(getattr(user, "is_staff", False) and user.is_active)


@rules.predicate
def may_act_for(user: Any, organization: Organization, *, power: str | None = None) -> bool:
    """Allow members, within their days, of an organization that has not been removed; with `power` those who have it."""
    return organization.status != OrganizationStatus.REMOVED and is_member(user, organization, power=power)


@rules.predicate
def may_administer(user: Any, organization: Organization) -> bool:
    """Allow members who administer the organization: its profile and its members."""
    return (
        getattr(user, "is_authenticated", False)
        and organization.status != OrganizationStatus.REMOVED
        and organization.memberships.current().administrators().filter(user=user).exists()
    )


@rules.predicate
def may_see_certificate(user: Any, qualification: Qualification) -> bool:
    """Allow the firm's own people and administrators; the public reads number and grade, not the scan."""
    return is_administrator(user) or may_act_for(user, qualification.organization)


@rules.predicate
def may_set_shareholdings(user: Any, organization: Organization) -> bool:
    """Allow those who administer the organization, and administrators of the marketplace."""
    return is_administrator(user) or may_administer(user, organization)


@rules.predicate
def may_enter_batch(user: Any) -> bool:
    """Allow administrators, and people of an organization that is known here: who lists others answers for it."""
    return is_administrator(user) or (
        getattr(user, "is_authenticated", False)
        and user.memberships.current()
        .filter(organization__status=OrganizationStatus.ACTIVE)
        .exclude(organization__kind=Organization.Kind.PERSON)
        .exists()
    )


@rules.predicate
def may_see_letter(user: Any, commitment: Commitment) -> bool:
    """Allow the organization's own people and administrators to have the signed letter's file."""
    return is_administrator(user) or may_act_for(user, commitment.organization)


@rules.predicate
def may_see_claim(user: Any, claim: EntryClaim) -> bool:
    """Allow the claimant, those who administer the organization, and administrators."""
    return user.pk == claim.user_id or is_administrator(user) or may_administer(user, claim.organization)


@rules.predicate
def may_see_objector(user: Any, objection: PublicityObjection) -> bool:
    """Allow those who decide the objection, the administrators, to learn who objected; nobody else, supervisors neither."""
    return is_administrator(user)


rules.add_perm("parties.act_for", may_act_for)
rules.add_perm("parties.administer", may_administer)
rules.add_perm("parties.check_qualification", is_administrator)
rules.add_perm("parties.enter_batch", may_enter_batch)
rules.add_perm("parties.see_certificate", may_see_certificate)
rules.add_perm("parties.see_claim", may_see_claim)
rules.add_perm("parties.see_letter", may_see_letter)
rules.add_perm("parties.see_objector", may_see_objector)
rules.add_perm("parties.set_shareholdings", may_set_shareholdings)
