"""Drafts of entries: every step is kept at once, so that a person goes on after signing out, on another device, next week."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core.files import check_upload
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden

from ..models import EntryDraft
from .declarations import CERTIFICATES

FOLDER = "entry"  # where scans wait beside a draft until the entry is sent


@transaction.atomic
def save_draft(
    *, user: User, role: str, values: Mapping[str, Any], step: str = "", by: Any, now: datetime
) -> EntryDraft:
    """Keep what was typed of a step: each key of `values` (plain JSON) replaces the one kept before.

    One draft per person and role ("buyer" or "intermediary"). `step` is the name of the page to go on at, "" leaves it.
    Refuses: not_yours (403).
    """
    _check_person(user, by)
    draft, made = EntryDraft.objects.get_or_create(user=user, role=role, defaults={"updated_at": now})
    if not made:
        draft = lock(draft)
    draft.values = {**draft.values, **values}
    draft.step = step or draft.step
    draft.updated_at = now
    draft.save()
    return draft


@transaction.atomic
def discard_draft(*, draft: EntryDraft, by: Any) -> None:
    """Give a draft up, with the scans that waited beside it. The worker (`by` None) may. Refuses: not_yours (403)."""
    if by is not None:
        _check_person(draft.user, by)
    paths = list(files_of(draft))
    draft.delete()
    for path in paths:
        transaction.on_commit(partial(default_storage.delete, path))


def keep_file(*, upload: Any) -> dict[str, str]:
    """Keep a scan beside a draft; return its path (`file`) and the name that it came with (`file_name`).

    Refuses: file_kind, file_empty, file_too_large, file_content.
    """
    check_upload(upload, kinds=CERTIFICATES)
    name = PurePath(upload.name).name[-80:]
    path = default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}{PurePath(name).suffix.lower()}", upload)
    return {"file": path, "file_name": name}


def files_of(draft: EntryDraft) -> Iterator[str]:
    """Yield the paths of the scans that wait beside a draft."""
    people = [one for places in draft.values.get("staff", {}).values() for one in places.values()]
    for one in [*draft.values.get("qualifications", {}).values(), *people]:
        if one.get("file"):
            yield one["file"]


def _check_person(user: User, by: Any) -> None:
    if getattr(by, "pk", None) != user.pk:
        raise Forbidden("not_yours", _("这份草稿是别人的。"))
