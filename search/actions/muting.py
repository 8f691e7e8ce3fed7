"""Choose of which fitting needs a firm is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.catalog.models import ServiceCategory
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden
from marketplace.parties.models import Organization
from marketplace.parties.rules import may_act_for
from search.models import MutedService, NeedsChoice


@transaction.atomic
def choose_needs(
    *,
    organization: Organization,
    is_muted: bool,
    by_mail: bool,
    muted: Iterable[ServiceCategory],
    by: Any,
    now: datetime,
) -> NeedsChoice:
    """Choose for a firm whether it is told of needs at all, whether by mail too, and of which services not (`muted`).

    Refuses: not_yours (403). How a firm is told is its own matter and no event.
    """
    organization = lock(organization)
    if not may_act_for(by, organization):
        raise Forbidden("not_yours", _("只有本机构的成员可以这样做。"))
    choice, _made = NeedsChoice.objects.update_or_create(
        organization=organization, defaults={"is_muted": is_muted, "by_mail": by_mail, "changed_at": now}
    )
    wanted = {service.pk for service in muted}
    rows = MutedService.objects.filter(organization=organization)
    rows.exclude(service__in=wanted).delete()
    there = set(rows.values_list("service", flat=True))
    MutedService.objects.bulk_create(
        MutedService(organization=organization, service_id=pk) for pk in sorted(wanted - there)
    )
    return choice
