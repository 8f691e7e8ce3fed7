"""Files that belong to a need."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.files import check_upload, sha256_of
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Refused
from marketplace.tenders.models import Tender, TenderDocument
from marketplace.tenders.rules import runs_for_owner
from marketplace.tenders.states import TenderStatus

MAX_DOCUMENTS = 10


@transaction.atomic
def add_document(*, tender: Tender, file: UploadedFile[bytes], by: User, now: datetime | None = None) -> TenderDocument:
    """Attach a file to a draft.

    Refuses with `not_allowed`, `state_conflict`, `too_many_files`, and what check_upload refuses.
    """
    return attach(tender=_draft_of(tender, by), file=file, now=now or clock.now())


def attach(*, tender: Tender, file: UploadedFile[bytes], now: datetime) -> TenderDocument:
    """Keep a file with a need that its caller has locked; refuses as add_document does."""
    check_upload(file)
    if tender.documents.count() >= MAX_DOCUMENTS:
        raise Refused("too_many_files", _("一份需求最多附 %(limit)d 个文件。") % {"limit": MAX_DOCUMENTS}, field="file")
    return TenderDocument.objects.create(
        tender=tender,
        name=PurePath(str(file.name)).name[:200],
        file=file,
        sha256=sha256_of(file),
        size=file.size or 0,
        uploaded_at=now,
    )


@transaction.atomic
def remove_document(*, document: TenderDocument, by: User) -> None:
    """Take a file away from a draft, and from the disk once that is certain."""
    _draft_of(document.tender, by)
    storage, name = document.file.storage, document.file.name
    document.delete()
    transaction.on_commit(lambda: storage.delete(str(name)))


def _draft_of(tender: Tender, by: User) -> Tender:
    tender = lock(tender)
    if not runs_for_owner(by, tender):
        raise Forbidden("not_allowed", _("只有项目业主的经办人可以编辑采购需求。"))
    if tender.status != TenderStatus.DRAFT:
        raise Refused("state_conflict", _("需求已经发布，附件只能以变更公告的方式增加。"))
    return tender
