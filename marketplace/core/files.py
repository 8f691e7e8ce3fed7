"""Files: what people upload is what its name says, small enough, and known by its hash."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import PurePath
from typing import IO, Any

from django.utils.translation import gettext as _

from .refusals import Invalid

MEGABYTE = 1024 * 1024
DOCUMENTS = ("pdf", "ofd", "docx", "xlsx", "jpg", "png")
_MAGIC = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
_ZIP_MEMBER = {"ofd": "OFD.xml", "docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


def sha256_of(file: IO[bytes]) -> str:
    """Return the SHA-256 of a file's content as 64 hexadecimal digits, and rewind it."""
    total = hashlib.sha256()
    file.seek(0)
    for chunk in iter(lambda: file.read(MEGABYTE), b""):
        total.update(chunk)
    file.seek(0)
    return total.hexdigest()


def check_upload(
    file: Any, *, kinds: tuple[str, ...] = DOCUMENTS, max_bytes: int = 20 * MEGABYTE, field: str = "file"
) -> str:
    """Return the kind of an uploaded file; refuse what is empty, too large, or not what its name says."""
    kind = PurePath(file.name).suffix.lower().lstrip(".").replace("jpeg", "jpg")
    if kind not in kinds:
        raise Invalid("file_kind", _("请上传以下格式的文件：%(kinds)s。") % {"kinds": "、".join(kinds)}, field=field)
    if file.size == 0:
        raise Invalid("file_empty", _("这个文件是空的，请重新选择。"), field=field)
    if file.size > max_bytes:
        raise Invalid(
            "file_too_large",
            _("文件有 %(size).1f MB，最多 %(limit)d MB。请压缩后再上传。")
            % {"size": file.size / MEGABYTE, "limit": max_bytes // MEGABYTE},
            field=field,
        )
    if not _is(file, kind):
        raise Invalid(
            "file_content", _("文件内容不是 %(kind)s，请确认文件没有损坏或改名。") % {"kind": kind}, field=field
        )
    return kind


def _is(file: Any, kind: str) -> bool:
    file.seek(0)
    try:
        if kind in _MAGIC:
            return bool(file.read(len(_MAGIC[kind])) == _MAGIC[kind])
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            return len(members) < 5000 and unpacked < 500 * MEGABYTE and _ZIP_MEMBER[kind] in archive.namelist()
    except zipfile.BadZipFile:
        return False
    finally:
        file.seek(0)
