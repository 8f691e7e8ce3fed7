"""Take projects over from the approval platform, and note where their cases stand."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.catalog.models import Region, ServiceMatter
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden
from marketplace.parties.models import Organization

from .approval_platform import FetchedProject, clean_code, fetch_project
from .models import ApprovalCase, InvestmentProject
from .rules import may_pull
from .states import CASE, CaseStatus


def pull_project(*, code: str, organization: Organization, by: User, now: datetime | None = None) -> InvestmentProject:
    """Take a project of `organization` over from the approval platform, anew each time.

    The platform is asked before the transaction begins, so that a slow answer holds no lock. A project that has no unit
    yet goes to the first owner who asks. Refuses with `not_allowed`, `project_code_form`, `project_not_found`,
    `platform_unavailable`, `project_of_other`.
    """
    now = now or clock.now()
    if not may_pull(by, organization):
        raise Forbidden("not_allowed", _("只有项目业主的经办人可以获取投资项目。"), field="code")
    fetched = fetch_project(clean_code(code))
    if fetched.owner_uscc and fetched.owner_uscc != organization.uscc:
        raise Forbidden(
            "project_of_other",
            _("这个项目登记的项目单位是“%(owner)s”，不是您代表的“%(mine)s”，请核对项目代码。")
            % {"owner": fetched.owner_name, "mine": organization.name},
            field="code",
        )
    return _keep(fetched, organization=organization, by=by, now=now)


@transaction.atomic
def _keep(fetched: FetchedProject, *, organization: Organization, by: User, now: datetime) -> InvestmentProject:
    project, is_new = InvestmentProject.objects.get_or_create(
        code=fetched.code,
        defaults={
            "name": fetched.name,
            "owner": organization,
            "owner_uscc": fetched.owner_uscc,
            "owner_name": fetched.owner_name,
            "fetched_at": now,
        },
    )
    project = lock(project)
    if project.owner_id not in {None, organization.pk}:
        raise Forbidden("project_of_other", _("这个项目已经由另一个业主使用，请核对项目代码。"), field="code")
    project.owner = organization
    project.name, project.owner_uscc, project.owner_name = fetched.name, fetched.owner_uscc, fetched.owner_name
    project.region = Region.by_code(fetched.region_code)  # old data carry codes that places had before
    project.location, project.investment_fen, project.fetched_at = fetched.location, fetched.investment_fen, now
    project.save()
    for case in fetched.cases:
        matter, _created = ServiceMatter.objects.get_or_create(
            code=case.matter_code, defaults={"name": case.matter_name, "department": case.department}
        )
        known = case.status in CaseStatus.values
        ApprovalCase.objects.update_or_create(
            number=case.number,
            defaults={"project": project, "matter": matter, **({"status": case.status} if known else {})},
        )
    if is_new:
        record(
            organization.process,
            "project_pulled",
            by=by,
            organization=organization,
            now=now,
            subject=project,
            data={"code": project.code, "name": project.name, "cases": len(fetched.cases)},
            visibility=Event.Visibility.PARTIES,
        )
    return project


@transaction.atomic
def note_case_status(*, case: ApprovalCase, status: str, now: datetime | None = None) -> ApprovalCase:
    """Note the status of a case that the platform answered; the same again changes nothing.

    Refuses with `state_conflict` any change of a decided case. The chapter that told the platform records the event.
    """
    del now
    case = lock(case)
    if case.status != status:
        CASE.check(case.status, status)
        case.status = status
        case.save(update_fields=["status"])
    return case
