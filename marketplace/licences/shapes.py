"""What the library sends, made into values that the marketplace may rely on: nothing in an answer is taken on trust."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from marketplace.core.files import check_upload
from marketplace.core.refusals import Invalid

from .identifiers import check_identifier, type_of
from .states import Status

MAX_LICENCES = 500  # of one holder
MAX_FIELDS, MAX_FIELD_NAME, MAX_FIELD_VALUE = 40, 40, 2000
MAX_FILE_BYTES = 20 * 1024 * 1024
FILE_KINDS = ("pdf", "ofd")
EARLIEST = date(1949, 10, 1)


class Nonsense(ValueError):
    """An answer that breaks the agreement; the text is for our log, not for people."""


@dataclass(frozen=True)
class Licence:
    """Be one electronic licence as its library tells it, checked for form.

    `identifier` is the 证照标识 in normal form, `type_code` the 证照类型代码 in it, `number` the 证照编号 printed on it.
    `holder_code` is a USCC or a person's number. `status` is one of Status; a valid one whose last day is over is
    EXPIRED here whatever the library says. `valid_until` None: without end. `fields` is what stands on it:

    - business licence: ``kind`` (a value of Organization.Kind), ``legal_representative``, ``address``, ``region`` (code),
      ``registered_on``, ``capital``;
    - certificate: ``kind`` (code of QualificationKind), ``grade``, ``scope``;
    - practitioner's: ``kind``, ``person``, ``profession``, ``discipline``, ``registered_at`` (name of the firm),
      ``registered_code`` (its USCC).

    `replaces` is the identifier of the licence before a renewal (关联证照标识), empty without one.
    """

    identifier: str
    type_code: str
    name: str
    holder_code: str
    holder_name: str
    number: str
    issuer: str
    issued_on: date | None
    valid_until: date | None
    status: str
    fields: Mapping[str, str] = field(default_factory=dict)
    replaces: str = ""

    @property
    def is_registration(self) -> bool:
        """Tell whether it says who its holder is (营业执照, 统一社会信用代码证书 …), rather than what it may do."""
        return "registered_on" in self.fields

    def concerns(self, code: str) -> bool:
        """Tell whether it is held by `code` or is of a practitioner registered there."""
        return code in {self.holder_code, self.fields.get("registered_code")}


def licence(body: Any, *, now: datetime) -> Licence:
    """Read one licence. Raises Nonsense with what is wrong."""
    if not isinstance(body, dict):
        raise Nonsense("a licence is no object")
    identifier = _identifier(body.get("identifier"))
    type_code = _text(body, "type_code", 32)
    if type_code != type_of(identifier):
        raise Nonsense(f"type code {type_code} is not that of {identifier}")
    issued_on, valid_until = _date(body.get("issued_on")), _date(body.get("valid_until"))
    if issued_on and valid_until and valid_until < issued_on:
        raise Nonsense(f"{identifier} ends before it begins")
    if issued_on and issued_on > timezone.localdate():  # the real day: seeds play with an earlier `now`
        raise Nonsense(f"{identifier} is issued in the future")
    status = body.get("status")
    if status not in Status.values:
        raise Nonsense(f"{identifier} has the status {status!r}")
    if status == Status.VALID and valid_until and valid_until < timezone.localdate(now):
        status = Status.EXPIRED
    return Licence(
        identifier=identifier,
        type_code=type_code,
        name=_text(body, "name", 120),
        holder_code=_text(body, "holder_code", 40),
        holder_name=_text(body, "holder_name", 120),
        number=_text(body, "number", 60),
        issuer=_text(body, "issuer", 120),
        issued_on=issued_on,
        valid_until=valid_until,
        status=str(status),
        fields=_fields(body.get("fields")),
        replaces=_identifier(body["replaces"]) if body.get("replaces") else "",
    )


def licences(body: Any, *, now: datetime) -> list[Licence]:
    """Read the answer to a question by holder. Raises Nonsense."""
    rows = body.get("licences") if isinstance(body, dict) else None
    if not isinstance(rows, list) or len(rows) > MAX_LICENCES:
        raise Nonsense("no list of licences, or one without end")
    found = [licence(row, now=now) for row in rows]
    if len({row.identifier for row in found}) < len(found):
        raise Nonsense("one identifier stands in the list twice")
    return found


def file(body: Any) -> bytes:
    """Return the file of an answer: a PDF or OFD by its content, of the length and hash that are said. Raises Nonsense."""
    said = body.get("file") if isinstance(body, dict) else None
    if not isinstance(said, dict):
        raise Nonsense("no file in the answer")
    text, kind = said.get("content"), said.get("kind")
    if not isinstance(text, str) or kind not in FILE_KINDS:
        raise Nonsense("the file is neither PDF nor OFD")
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error as wrong:
        raise Nonsense("the file is no base64") from wrong
    if hashlib.sha256(content).hexdigest() != said.get("sha256"):
        raise Nonsense("the file's hash is not that of the answer")
    try:
        check_upload(ContentFile(content, name=f"licence.{kind}"), kinds=FILE_KINDS, max_bytes=MAX_FILE_BYTES)
    except Invalid as wrong:
        raise Nonsense(f"the file is refused: {wrong.code}") from wrong
    return content


def _identifier(text: Any) -> str:
    try:
        found = check_identifier(text) if isinstance(text, str) else ""
    except Invalid as wrong:
        raise Nonsense(f"identifier {text!r}: {wrong.code}") from wrong
    if found != text:
        raise Nonsense(f"identifier {text!r} is not in normal form")
    return found


def _text(body: dict[str, Any], name: str, longest: int) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not _is_line(text, longest) or not text.strip():
        raise Nonsense(f"{name} is {str(text)[:80]!r}")
    return text.strip()


def _is_line(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isprintable()


def _date(text: Any) -> date | None:
    if text in {None, ""}:
        return None
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError) as wrong:
        raise Nonsense(f"{text!r} is no date") from wrong
    if day < EARLIEST:
        raise Nonsense(f"{text} lies before every licence")
    return day


def _fields(body: Any) -> dict[str, str]:
    if body is None:
        return {}
    if not isinstance(body, dict) or len(body) > MAX_FIELDS:
        raise Nonsense("the fields are no object, or too many")
    for name, value in body.items():
        if not _is_line(name, MAX_FIELD_NAME) or not isinstance(value, str) or not _is_line(value, MAX_FIELD_VALUE):
            raise Nonsense(f"the field {name[:40]!r} is no short text")
    return dict(body)
