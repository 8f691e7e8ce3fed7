"""Who may act for an organization, and what a firm lacks for a service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import rules
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.catalog.models import QualificationKind, ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.catalog.requirements import Held, lacking
from marketplace.catalog.states import ServiceStatus

from .models import Commitment, EntryClaim, Membership, Organization, Qualification
from .states import OrganizationStatus, QualificationStatus


@rules.predicate
def is_administrator(user: Any) -> bool:
    """Allow the marketplace's administrators."""
    return bool(getattr(user, "is_staff", False) and user.is_active)


@rules.predicate
def may_act_for(user: Any, organization: Organization) -> bool:
    """Allow members of an organization that has not been removed."""
    return (
        getattr(user, "is_authenticated", False)
        and organization.status != OrganizationStatus.REMOVED
        and organization.memberships.filter(user=user).exists()
    )


@rules.predicate
def may_administer(user: Any, organization: Organization) -> bool:
    """Allow members who administer the organization: its profile and its members."""
    return (
        getattr(user, "is_authenticated", False)
        and organization.status != OrganizationStatus.REMOVED
        and organization.memberships.filter(user=user, role=Membership.Role.ADMINISTRATOR).exists()
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
        and user.memberships.filter(organization__status=OrganizationStatus.ACTIVE)
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


rules.add_perm("parties.act_for", may_act_for)
rules.add_perm("parties.administer", may_administer)
rules.add_perm("parties.check_qualification", is_administrator)
rules.add_perm("parties.enter_batch", may_enter_batch)
rules.add_perm("parties.see_certificate", may_see_certificate)
rules.add_perm("parties.see_claim", may_see_claim)
rules.add_perm("parties.see_letter", may_see_letter)
rules.add_perm("parties.set_shareholdings", may_set_shareholdings)


def held(qualifications: Iterable[Qualification], *statuses: str) -> list[Held]:
    """Return the certificates in the given states (default: valid ones) for the requirement's reckoning."""
    wanted = statuses or (QualificationStatus.VALID,)
    return [
        Held(kind=row.kind.code, grade=row.grade, scope=row.scope, valid_until=row.valid_until)
        for row in qualifications
        if row.status in wanted
    ]


def unmet(
    organization: Organization,
    service: ServiceCategory,
    *,
    on_date: date | None = None,
    kinds: Mapping[str, QualificationKind] | None = None,
) -> str:
    """Return "" when the firm may provide the service, else the sentence that names what stands in the way.

    `kinds` spares the look-up where many pairs are asked for; prefetch `qualifications__kind` then.
    """
    if not organization.is_intermediary:
        return _("“%(name)s”还没有作为中介机构入驻。") % {"name": organization.name}
    if organization.status != OrganizationStatus.ACTIVE:
        return _("“%(name)s”目前不能承接业务。") % {"name": organization.name}
    if service.status == ServiceStatus.CANCELLED:
        return _("这项服务已从目录中取消。")
    if not service.requirement:
        return ""
    on_date = on_date or timezone.localdate()
    kinds = kinds if kinds is not None else kinds_for([service])
    rows = list(_qualifications(organization))
    missing = lacking(service.requirement, held(rows), on_date, kinds=kinds)
    if not missing:
        return ""
    hoped = held(rows, QualificationStatus.VALID, QualificationStatus.DECLARED)
    if not lacking(service.requirement, hoped, on_date, kinds=kinds):
        return _("申报的资质正在核验，通过后即可承接。%(missing)s") % {"missing": missing}
    return missing


def _qualifications(organization: Organization) -> Iterable[Qualification]:
    if "qualifications" in getattr(organization, "_prefetched_objects_cache", {}):
        return organization.qualifications.all()
    return organization.qualifications.select_related("kind")
