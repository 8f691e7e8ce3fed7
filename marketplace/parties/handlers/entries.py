"""Reactions to claims, lists and contradictions; lists that run, checks that were owed, letters and drafts that wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.accounts.actions import notify
from marketplace.accounts.models import User
from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.pdf import PdfUnavailable
from marketplace.core.refusals import Refused
from marketplace.core.worker import due

from ..actions import notify_organization
from ..actions.batches import invitation, run_rows
from ..actions.claims import escalate_claim, tell_claim
from ..actions.comparison import compare_with_library
from ..actions.drafts import FOLDER, discard_draft, files_of
from ..actions.letters import keep_letter
from ..found import Answer
from ..models import Commitment, EntryBatch, EntryBatchRow, EntryClaim, EntryDraft, Membership, Organization
from ..states import EntryBatchStatus, EntryClaimStatus, OrganizationStatus

LANGUAGE = "zh-hans"  # messages are kept in the language of the marketplace
DRAFT_DAYS = 90  # for so long a draft waits for its person
SILENCE = timedelta(minutes=2)  # after the library was silent, before it is asked again
ROUND_CHECKS, ROUND_ROWS = 20, 50  # of a worker's round


@on("claim_filed", "claim_answered", "claim_escalated", "claim_granted", "claim_refused")
def tell_of_claim(event: Event) -> None:
    """Tell the organization's administrators, the marketplace's, or the claimant what became of a claim."""
    claim = EntryClaim.objects.select_related("organization", "user").get(pk=event.data["claim"])
    words = {"name": claim.organization.name, "who": claim.user, "until": f"{claim.due_at:%Y-%m-%d}"}
    own = User.objects.filter(
        memberships__organization=claim.organization,
        memberships__role=Membership.Role.ADMINISTRATOR,
        is_active=True,
    ).exclude(pk=claim.user_id)
    staff = User.objects.filter(is_staff=True, is_active=True)
    with translation.override(LANGUAGE):
        notes: list[tuple[object, str, str]] = []
        if event.name == "claim_filed" and claim.status == EntryClaimStatus.FILED:
            body = _("请在 %(until)s 前处理：认识并同意的，对方将与您一同办理业务，您的权限不变；不同意的，写明理由。")
            notes.append((own, _("%(who)s申请代表“%(name)s”办理业务") % words, body % words))
        if event.name in ("claim_answered", "claim_escalated") or (event.name == "claim_filed" and claim.escalated_at):
            title = _("认领申请待决定：%(who)s申请代表“%(name)s”") % words
            notes.append((staff, title, claim.answer or _("本单位管理员没有答复。")))
        if event.name == "claim_granted":
            claimant = User.objects.filter(pk=claim.user_id)
            notes.append((claimant, _("您现在可以代表“%(name)s”办理业务") % words, _("在页面顶部切换到这个单位。")))
            notes.append((own, _("%(who)s现在也可以代表“%(name)s”办理业务") % words, claim.reason))
        if event.name == "claim_refused":
            claimant = User.objects.filter(pk=claim.user_id)
            notes.append((claimant, _("对“%(name)s”的认领申请没有通过") % words, claim.reason))
        for users, title, body in notes:
            tell_claim(users=users, claim=claim, title=title, body=body, key=event.name, now=event.at)


@on("licence_contradicted")
def tell_contradiction(event: Event) -> None:
    """Tell the firm and the administrators what the library says otherwise, and what to do."""
    organization = Organization.objects.get(pk=str(event.organization_id))
    with translation.override(LANGUAGE):
        title = _("“%(name)s”填写的信息与证照库不一致") % {"name": organization.name}
        words = "；".join(event.data["words"])
        notify_organization(
            organization=organization,
            title=title,
            body=_("%(words)s。以登记机关为准，请联系平台管理机构更正；登记有误的，请先向登记机关更正。")
            % {"words": words},
            url=reverse("parties:my_firm"),
            key=f"contradicted-{event.pk}",
            now=event.at,
        )
        for user in User.objects.filter(is_staff=True, is_active=True):
            url, key = organization.get_absolute_url(), f"contradicted-{event.pk}-desk"
            notify(user=user, title=title, body=words, url=url, key=key, now=event.at)


@on("organization_listed")
def invite(event: Event) -> None:
    """Send the contact of a listed firm the link to confirm its letter; a mail that fails is sent again."""
    row = EntryBatchRow.objects.select_related("batch", "organization").get(pk=event.subject_id)
    address = row.values.get("email", "")
    if not address or row.organization is None:
        return
    with translation.override(LANGUAGE):
        words = {
            "contact": row.organization.contact_name,
            "name": row.organization.name,
            "association": row.batch.association,
            "site": settings.WAGTAIL_SITE_NAME,
            "link": settings.BASE_URL + reverse("parties:invited", args=[invitation(row)]),
        }
        subject = _("【%(site)s】请确认“%(name)s”的入驻承诺书") % words
        body = _(
            "%(contact)s，您好：\n\n%(association)s已替“%(name)s”在%(site)s登记。请打开下面的链接，核对信息、"
            "签署承诺书，之后即可承接业务。链接 60 天内有效，不收任何费用。\n\n%(link)s\n"
        )
    send_mail(subject, body % words, settings.DEFAULT_FROM_EMAIL, [address])


@due("entry_claims")
def escalate_claims(now: datetime) -> int:
    """Hand claims that nobody answered in time to the marketplace's administrators."""
    done = 0
    for claim in EntryClaim.objects.filter(status=EntryClaimStatus.FILED, escalated_at=None, due_at__lte=now):
        try:
            escalate_claim(claim=claim, now=now)
        except Refused:  # another worker was faster, or it was decided meanwhile
            continue
        done += 1
    return done


@due("entry_batches")
def run_batches(now: datetime) -> int:
    """Go on with the lists that run, a few rows of each a round; tell who sent a list when it is done."""
    done = 0
    for batch in EntryBatch.objects.filter(status=EntryBatchStatus.RUNNING).order_by("pk"):
        done += run_rows(batch=batch, now=now, most=ROUND_ROWS)
        batch.refresh_from_db()
        if batch.status == EntryBatchStatus.DONE:
            with translation.override(LANGUAGE):
                notify(
                    user=batch.user,
                    title=_("批量登记已完成：%(file)s") % {"file": batch.file_name},
                    body=_("请下载逐行结果。各机构确认承诺书后即可承接业务。"),
                    url=reverse("parties:batch_list", args=[batch.pk]),
                    key=f"batch-{batch.pk}",
                    now=now,
                )
    return done


@due("library_checks")
def check_later(now: datetime) -> int:
    """Hold against the library who entered while it was silent; stop at its first silence, and where it takes its time."""
    if not settings.LICENCE_LIBRARY_URL or cache.get("library-silent"):
        return 0
    owed = Organization.objects.filter(licence_read_at=None, uscc__isnull=False)
    done = 0
    for organization in owed.exclude(status=OrganizationStatus.REMOVED).order_by("pk")[:ROUND_CHECKS]:
        found = compare_with_library(organization=organization, now=now)
        if found.answer not in (Answer.KNOWN, Answer.UNKNOWN):
            cache.set("library-silent", 1, SILENCE.total_seconds())
            break
        done += 1
        if found.is_slow:
            break
    return done


@due("commitment_letters")
def keep_letters(now: datetime) -> int:
    """Make the PDF of one letter a round, once it is a minute old: who signed it may have asked for it before."""
    waiting = Commitment.objects.filter(file="", signed_at__lt=now - timedelta(minutes=1), organization__is_robot=False)
    letter = None if cache.get("pdf-unavailable") else waiting.order_by("pk").select_related("organization").first()
    if letter is None:
        return 0
    try:
        keep_letter(commitment=letter, now=now)
    except PdfUnavailable:
        cache.set("pdf-unavailable", 1, 3600)
        return 0
    return 1


@due("entry_files")
def sweep_entry_files(now: datetime) -> int:
    """Give up, once an hour, drafts that nobody touched for DRAFT_DAYS, and scans of two days that belong to none."""
    if not cache.add("entry-files-swept", 1, 3600):
        return 0
    for draft in EntryDraft.objects.filter(updated_at__lt=now - timedelta(days=DRAFT_DAYS)):
        discard_draft(draft=draft, by=None)
    try:
        names = default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:
        return 0
    kept = {path for draft in EntryDraft.objects.only("values").iterator() for path in files_of(draft)}
    old = [
        path
        for path in (f"{FOLDER}/{name}" for name in names)
        if path not in kept and default_storage.get_modified_time(path) < now - timedelta(days=2)
    ]
    for path in old:
        default_storage.delete(path)
    return len(old)
