"""The process under which everything that happens to the catalogue and the calendar stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from marketplace.core.models import Process
from marketplace.core.refusals import Forbidden

from ..rules import may_curate

OCID = "yt360600-catalog"


def catalog_process(*, now: datetime) -> Process:
    """Return the process under which changes of the catalogue stand, made at the first need."""
    process, _made = Process.objects.get_or_create(
        ocid=OCID, defaults={"kind": Process.Kind.OPERATION, "title": "中介服务事项目录", "created_at": now}
    )
    return process


def check_curator(by: Any) -> None:
    """Refuse with `not_administrator` (403) who may not change the catalogue."""
    if not may_curate(by):
        raise Forbidden("not_administrator", _("只有平台管理机构可以调整服务事项目录。"))
