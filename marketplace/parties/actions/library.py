"""What the licence library says of certificates that are known here: it ends them, renews them, and vouches for them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.core.locks import lock
from marketplace.core.refusals import Refused
from marketplace.licences import library
from marketplace.licences.library import Licence, Status

from ..models import LibraryFeed, PractitionerCertificate, Qualification
from ..queries import unverified_certificates, unverified_qualifications
from ..states import CertificateStatus, PractitionerStatus, QualificationStatus
from .certificates import end_certificate, is_valid, renew_certificate
from .qualifications import confirm_qualification, end_qualification, renew_qualification, vouches_for

LIMIT = 100  # certificates of firms, and of practitioners, verified in one round of the worker
BATCHES = 10  # of changes, read in one round of the worker


def follow_changes(*, now: datetime) -> int:
    """Read the library's feed of changes from where it was left to its end, and follow each; return how many concerned us.

    Two workers may read the same change: taking it twice changes nothing. Refuses with library_unavailable or
    library_absent, having kept what it followed before.
    """
    feed, _made = LibraryFeed.objects.get_or_create(pk=1)
    done = 0
    for _turn in range(BATCHES):
        changes = library.changes_since(feed.cursor, now=now)
        if not changes:
            break
        for cursor, licence in changes:
            with transaction.atomic():
                feed = lock(feed)
                done += follow(licence=licence, now=now)
                feed.cursor, feed.read_at = cursor, now  # lower than before where the library counts anew
                feed.save(update_fields=["cursor", "read_at"])
    return done


def verify_certificates(*, now: datetime) -> int:
    """Ask the library about certificates that it has not confirmed today, the longest unasked first; return how many changed.

    Refuses with library_unavailable or library_absent, having kept what it learned before.
    """
    done = 0
    reason = _("每日核对证照状态")
    rows: list[Qualification | PractitionerCertificate] = [
        *unverified_qualifications(now)[:LIMIT],
        *unverified_certificates(now)[:LIMIT],
    ]
    for row in rows:
        organization = row.organization if isinstance(row, Qualification) else row.practitioner.organization
        try:
            licence = library.verify(row.identifier, reason=reason, by=None, organization=organization, now=now)
        except Refused as refused:
            if refused.code != "licence_unknown":
                raise
            type(row).objects.filter(pk=row.pk).update(
                read_at=now
            )  # its state stays; the department sees when it was asked
            continue
        done += follow(licence=licence, now=now)
    return done


def follow(*, licence: Licence, now: datetime) -> int:
    """Bring the certificates that a licence is about to what the library says now; return how many changed.

    A licence that takes the place of an older one renews the older one's row. What a department refused stays refused.
    """
    names = {licence.identifier, licence.replaces} - {""}
    done = 0
    statuses = (QualificationStatus.DECLARED, QualificationStatus.VALID, QualificationStatus.ENDED)
    for qualification in Qualification.objects.filter(identifier__in=names, status__in=statuses).order_by("pk"):
        done += _follow_qualification(qualification, licence, now)
    people = PractitionerCertificate.objects.filter(
        identifier__in=names, practitioner__status=PractitionerStatus.ACTIVE
    )
    for certificate in people.order_by("pk"):
        done += _follow_certificate(certificate, licence, now)
    return done


def _follow_qualification(row: Qualification, licence: Licence, now: datetime) -> bool:
    if vouches_for(licence, row.organization, now):
        if row.status == QualificationStatus.DECLARED:  # declared while the library was down
            confirm_qualification(qualification=row, note=_("证照库核验"), by=None, licence=licence, now=now)
            return True
        stays = row.status == QualificationStatus.VALID and row.valid_until == licence.valid_until
        if stays and row.identifier == licence.identifier and licence.fields.get("grade", row.grade) == row.grade:
            Qualification.objects.filter(pk=row.pk).update(read_at=now)
            return False
        renew_qualification(qualification=row, valid_until=licence.valid_until, licence=licence, now=now)
        return True
    if row.status == QualificationStatus.VALID and row.identifier == licence.identifier:
        end_qualification(qualification=row, note=_why(licence, row.organization.uscc or ""), licence=licence, now=now)
        return True
    Qualification.objects.filter(pk=row.pk).update(read_at=now)
    return False


def _follow_certificate(row: PractitionerCertificate, licence: Licence, now: datetime) -> bool:
    firm = row.practitioner.organization
    if is_valid(licence, timezone.localdate(now)) and licence.concerns(firm.uscc or ""):
        if row.status == CertificateStatus.VALID and row.valid_until == licence.valid_until:
            PractitionerCertificate.objects.filter(pk=row.pk).update(read_at=now, identifier=licence.identifier)
            return False
        renew_certificate(certificate=row, valid_until=licence.valid_until, licence=licence, now=now)
        return True
    if row.status == CertificateStatus.VALID and row.identifier == licence.identifier:
        note = _why(licence) if licence.concerns(firm.uscc or "") else _("证照库：已不在本机构注册")
        end_certificate(certificate=row, note=note, licence=licence, now=now)
        return True
    PractitionerCertificate.objects.filter(pk=row.pk).update(read_at=now)
    return False


def _why(licence: Licence, holder: str = "") -> str:
    """Say in words why a licence counts no more."""
    words = {
        Status.SUSPENDED: _("证照库：已暂扣"),
        Status.CANCELLED: _("证照库：已注销"),
        Status.EXPIRED: _("证照库：已过期"),
    }
    if holder and licence.holder_code != holder:
        return _("证照库：持证主体不是本机构")
    return words.get(Status(licence.status), _("证照库：已过有效期"))
