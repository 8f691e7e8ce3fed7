"""Files: only what its name says."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace.core.files import check_upload, sha256_of
from marketplace.core.refusals import Refused


def zipped(member: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(member, "<x/>")
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7 ..."),
        ("b.JPEG", b"\xff\xd8\xff\xe0"),
        ("c.docx", zipped("word/document.xml")),
        ("d.ofd", zipped("OFD.xml")),
    ],
)
def test_accepts_what_it_is(name: str, content: bytes) -> None:
    file = SimpleUploadedFile(name, content)
    check_upload(file)
    assert file.read() == content


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.exe", b"MZ", "file_kind"),
        ("a.pdf", b"MZ not a pdf", "file_content"),
        ("a.pdf", b"", "file_empty"),
        ("a.docx", b"PK not a zip", "file_content"),
        ("a.docx", zipped("xl/workbook.xml"), "file_content"),
        ("a.png", b"%PDF-1.7", "file_content"),
    ],
)
def test_refuses_what_it_is_not(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_upload(SimpleUploadedFile(name, content))
    assert refused.value.code == code
    assert refused.value.field == "file"


def test_refuses_what_is_too_large() -> None:
    with pytest.raises(Refused) as refused:
        check_upload(SimpleUploadedFile("a.pdf", b"%PDF-" + b"x" * 100), max_bytes=50)
    assert refused.value.code == "file_too_large"


def test_hashes_and_rewinds() -> None:
    file = io.BytesIO(b"abc")
    assert sha256_of(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file.read() == b"abc"
