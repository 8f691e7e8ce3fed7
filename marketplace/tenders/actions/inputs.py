"""Keep what an owner types before it is a draft, so that a closed window loses nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender, TermsInput
from marketplace.tenders.rules import may_post
from marketplace.tenders.states import TenderStatus

MAX_SIZE = 60_000  # characters of JSON: the longest description three times over


@transaction.atomic
def keep_input(
    *,
    organization: Organization,
    tender: Tender | None = None,
    data: Mapping[str, Any],
    by: User,
    now: datetime | None = None,
) -> TermsInput:
    """Keep the fields of a form as they were typed (texts or lists of texts), one row per person and draft.

    Refuses with `not_allowed`, `state_conflict`, `input_invalid`, `input_too_long`.
    """
    now = now or clock.now()
    _authorize(organization, tender, by)
    if not all(isinstance(name, str) and _is_text(value) for name, value in data.items()):
        raise Invalid("input_invalid", _("填写的内容无法保存，请刷新页面后再试。"))
    if len(json.dumps(data, ensure_ascii=False)) > MAX_SIZE:
        raise Invalid("input_too_long", _("填写的内容太长，无法自动保存。"))
    row, _made = TermsInput.objects.update_or_create(
        organization=organization, user=by, tender=tender, defaults={"data": dict(data), "saved_at": now}
    )
    return row


@transaction.atomic
def discard_input(*, organization: Organization, tender: Tender | None = None, by: User) -> None:
    """Throw away what one had typed. Refuses with `not_allowed`, `state_conflict`."""
    _authorize(organization, tender, by)
    TermsInput.objects.filter(organization=organization, user=by, tender=tender).delete()


def _authorize(organization: Organization, tender: Tender | None, by: User) -> None:
    if not may_post(by, organization) or (tender is not None and tender.buyer_id != organization.pk):
        raise Forbidden("not_allowed", _("只有项目业主的经办人可以编辑采购需求。"))
    if tender is not None and tender.status != TenderStatus.DRAFT:
        raise Refused("state_conflict", _("需求已经发布，条款只能以变更公告的方式修改。"))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
