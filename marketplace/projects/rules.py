"""Who may see and take over projects."""

from __future__ import annotations

from typing import Any

import rules

from marketplace.parties.access import is_member
from marketplace.parties.models import Membership, Organization
from marketplace.parties.states import OrganizationStatus

from .models import InvestmentProject


@rules.predicate
def may_pull(user: Any, organization: Organization | None) -> bool:
    """Tell whether somebody may take projects over for `organization`: a member of an active owner."""
    return (
        organization is not None
        and organization.is_buyer
        and organization.status == OrganizationStatus.ACTIVE
        and is_member(user, organization, power=Membership.Power.NEED)
    )


@rules.predicate
def is_project_owner(user: Any, project: InvestmentProject | None) -> bool:
    """Tell whether somebody acts for the owner of a project."""
    return project is not None and is_member(user, project.owner)


rules.add_perm("projects.view_project", is_project_owner)
