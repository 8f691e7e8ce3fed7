"""Hold against the licence library, later, what was typed while it was silent."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.catalog.models import Region
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event

from ..found import Found, day_of
from ..models import Organization, Origin
from ..states import QUALIFICATION, QualificationStatus
from .entry import take_certificates
from .lookup import look_up
from .offerings import refresh_offerings
from .practitioners import take_practitioners

REASON = "核对入驻时自行申报的信息"
# What must agree, with its name; a place or an address may be meant otherwise and still be right.
LABELS = {
    "name": gettext_lazy("名称"),
    "kind": gettext_lazy("性质"),
    "legal_representative": gettext_lazy("法定代表人"),
}


def compare_with_library(*, organization: Organization, now: datetime) -> Found:
    """Ask the library about an organization that was not held against it yet, and apply what it says.

    What agrees, and what was left empty, is from the authority from now on; what contradicts stays as it is and is told
    to the firm and to the administrators (event licence_contradicted). Certificates and practitioners that the library
    knows are taken. Call it outside of transactions. An unanswered question changes nothing.
    """
    found = look_up(code=str(organization.uscc), by=None, organization=organization, reason=REASON, now=now)
    if found.was_asked:
        _apply(organization, found, now)
    return found


@transaction.atomic
def _apply(organization: Organization, found: Found, now: datetime) -> None:
    organization = lock(organization)
    if organization.licence_read_at is not None:  # another worker was faster
        return
    organization.licence_read_at = found.read_at
    if not found.is_known:
        organization.save(update_fields=["licence_read_at"])
        return
    organization.licence_identifier = found.identifier
    contradicted = _compare(organization, found)
    organization.save()
    _confirm_declared(organization, found, now)
    take_certificates(organization=organization, found=found, by=None, now=now)
    take_practitioners(organization=organization, practitioners=found.practitioners, by=None, now=now)
    refresh_offerings(organization=organization, now=now)
    record(
        organization.process,
        "licence_contradicted" if contradicted else "licence_compared",
        organization=organization,
        now=now,
        subject=organization,
        data={"fields": len(contradicted), "words": contradicted} if contradicted else {},
        visibility=Event.Visibility.PARTIES,
    )


def _compare(organization: Organization, found: Found) -> list[str]:
    """Set values and origins that agree; return a sentence for each contradiction."""
    words: list[str] = []
    origins = dict(organization.origins)
    for field, value in found.values.items():
        if field == "region":
            region = Region.objects.filter(code=value).first()
            if region is not None and organization.region_id in (None, region.pk):
                organization.region, origins[field] = region, Origin.AUTHORITY.value
            continue
        typed = getattr(organization, field)
        if not typed or _plain(typed) == _plain(value):
            setattr(organization, field, value)
            origins[field] = Origin.AUTHORITY.value
        elif field in LABELS:
            label = LABELS[field]
            shown = {"typed": typed, "known": value}
            if field == "kind":
                shown = {key: str(Organization.Kind(one).label) for key, one in shown.items()}
            words.append(_("%(field)s：填写的是“%(typed)s”，证照库是“%(known)s”") % {"field": label, **shown})
    if found.standing:
        words.append(_("营业执照：证照库显示不是有效状态"))
    organization.origins = origins
    return words


def _plain(text: str) -> str:
    return re.sub(r"[\s()（）·.]", "", unicodedata.normalize("NFKC", text)).upper()


def _confirm_declared(organization: Organization, found: Found, now: datetime) -> None:
    """Make what the firm declared, or the department checked, valid as it stands in the library where that knows it."""
    known = {(one.kind, one.number): one for one in found.certificates}
    counting = (QualificationStatus.DECLARED, QualificationStatus.VALID)
    rows = organization.qualifications.filter(status__in=counting).exclude(origin=Origin.AUTHORITY)
    for row in rows.select_related("kind"):
        one = known.get((row.kind.code, row.number))
        if one is None or (row.kind.grades and one.grade not in row.kind.grades):
            continue
        if row.status == QualificationStatus.DECLARED:
            QUALIFICATION.check(row.status, QualificationStatus.VALID)
        row.status, row.origin, row.read_at = QualificationStatus.VALID, Origin.AUTHORITY, found.read_at
        row.grade, row.scope, row.identifier, row.issuer = one.grade, one.scope[:200], one.identifier, one.issuer
        row.issued_on, row.valid_until = day_of(one.issued_on), day_of(one.valid_until)
        row.save()
        record(
            organization.process,
            "qualification_read",
            organization=organization,
            now=now,
            subject=row,
            data={"kind": row.kind.code, "kind_name": row.kind.name, "grade": row.grade, "number": row.number},
        )
