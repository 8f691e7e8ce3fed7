"""Change the catalogue by a file: preview what it would do, apply all of it or nothing, or leave it."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.core.events import record
from marketplace.core.files import sha256_of
from marketplace.core.locks import lock
from marketplace.core.refusals import Refused

from ..lists.kinds import Kinds
from ..lists.listing import Listing
from ..lists.matters import Matters
from ..lists.preview import WRONG, Plan, plan
from ..lists.regions import Regions
from ..lists.services import Services
from ..lists.sheets import read_sheet, write_sheet
from ..models import CatalogImport
from ..states import IMPORT, ImportStatus
from .process import catalog_process, check_curator

NAMED = 200  # codes that an event names; the file itself is kept beside it


def listing_of(name: str, now: datetime) -> Listing:
    """Return a list by its name, as it stands."""
    if name == CatalogImport.List.SERVICES:
        return Services(timezone.localdate(now))
    if name == CatalogImport.List.MATTERS:
        return Matters()
    return Kinds() if name == CatalogImport.List.KINDS else Regions()


def export_list(*, name: str, kind: str, now: datetime) -> bytes:
    """Return a whole list as a "csv" or "xlsx" file, such as `preview_import` takes."""
    listing = listing_of(name, now)
    headings, rows = listing.table()
    return write_sheet(kind, listing.title, headings, rows)


def preview_import(*, name: str, file: Any, by: Any, now: datetime) -> CatalogImport:
    """Keep a file with what it would change in a list; nothing changes yet, so no event.

    Refuses: not_administrator, what `read_sheet` and `plan` refuse (all 422 at the field `file`).
    """
    check_curator(by)
    rows = read_sheet(file)
    file.seek(0)
    content = file.read()
    made = plan(listing_of(name, now), rows)
    upload = CatalogImport(
        listing=name,
        name=PurePath(file.name).name[-200:],
        sha256=sha256_of(io.BytesIO(content)),
        catalogue=made.catalogue,
        counts=made.counts,
        plan=made.rows,
        uploaded_by=by,
        uploaded_at=now,
    )
    upload.file.save(f"{upload.sha256[:16]}{PurePath(file.name).suffix.lower()}", ContentFile(content), save=False)
    upload.save()
    return upload


def apply_import(*, upload: CatalogImport, by: Any, now: datetime) -> CatalogImport:
    """Write all that a preview shows, as one change with one event.

    The file is compared anew under the catalogue's lock. Refuses: not_administrator, state_conflict, import_file_changed,
    catalogue_changed (somebody changed the list since the preview), import_has_errors, import_changes_nothing.
    """
    check_curator(by)
    with transaction.atomic():
        process = lock(catalog_process(now=now))
        upload = lock(upload)
        IMPORT.check(upload.status, ImportStatus.APPLIED)
        listing = listing_of(upload.listing, now)
        made = _plan_again(upload, listing)
        if made.catalogue != upload.catalogue or made.counts != upload.counts:
            words = _("预览之后目录有了变化。请重新上传这个文件，看过新的预览再导入。")
            raise Refused("catalogue_changed", words)
        if made.counts[WRONG]:
            words = _("还有 %(count)d 行有错，一行也不会导入。请改好文件再上传。") % {"count": made.counts[WRONG]}
            raise Refused("import_has_errors", words)
        if not made.parsed:
            raise Refused("import_changes_nothing", _("文件与现在的目录完全一致，没有可导入的内容。"))
        listing.write(made.parsed)
        _decide(upload, ImportStatus.APPLIED, by, now)
        data = {
            "list": upload.listing,
            "file": upload.name,
            "sha256": upload.sha256,
            "new": made.counts["new"],
            "changed": made.counts["changed"],
            "codes": [row.values["code"] for row in made.parsed[:NAMED]],
        }
        record(process, "catalog_imported", by=by, now=now, subject=upload, data=data)
    return upload


def _plan_again(upload: CatalogImport, listing: Listing) -> Plan:
    with upload.file.open("rb") as file:
        content = file.read()
    if sha256_of(io.BytesIO(content)) != upload.sha256:
        raise Refused("import_file_changed", _("保存的文件与预览时不同，请重新上传。"))
    copy = ContentFile(content, name=upload.file.name)
    return plan(listing, read_sheet(copy))


def discard_import(*, upload: CatalogImport, by: Any, now: datetime) -> CatalogImport:
    """Leave a previewed file: it changes nothing, so there is no event. Refuses: not_administrator, state_conflict."""
    check_curator(by)
    with transaction.atomic():
        upload = lock(upload)
        IMPORT.check(upload.status, ImportStatus.DISCARDED)
        _decide(upload, ImportStatus.DISCARDED, by, now)
    return upload


def _decide(upload: CatalogImport, status: ImportStatus, by: Any, now: datetime) -> None:
    upload.status, upload.decided_by, upload.decided_at = status, by, now
    upload.save(update_fields=["status", "decided_by", "decided_at"])
