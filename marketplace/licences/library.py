"""The electronic licence library 电子证照库, behind this one file: list by holder, fetch, verify, what changed."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Invalid, Refused

from . import shapes
from .identifiers import check_identifier
from .models import LicenceReading, holder_key
from .persons import masked
from .refusals import LibraryUnavailable, LicenceUnknown, OtherHolder
from .shapes import Licence, Nonsense
from .states import READING, Outcome, Status
from .transport import ask

__all__ = [
    "LibraryUnavailable",
    "Licence",
    "LicenceUnknown",
    "OtherHolder",
    "Status",
    "changes_since",
    "check_identifier",
    "fetch",
    "licences_of",
    "verify",
]

logger = logging.getLogger(__name__)
Action = LicenceReading.Action
MAX_REASON, MAX_CODE = 200, 40
FEED_REASON = "订阅证照变更"


class Subject(Protocol):
    """Whoever a reading is made for: parties' Organization, which is a later chapter."""

    uscc: str | None
    name: str


def licences_of(
    holder_code: str, *, reason: str, by: User | None, organization: Subject | None = None, now: datetime
) -> list[Licence]:
    """List what a holder has: a firm's own licences and those of practitioners registered there, or a person's.

    Call it, like everything here, outside of every transaction: the reading is committed before the question goes out,
    whatever the caller rolls back later, and no row stays locked while a neighbour thinks (RuntimeError otherwise).
    `by` is None when the worker asks. Refuses: holder_missing, reason_missing, reason_long, library_absent,
    library_unavailable.
    """
    code = _holder(holder_code)
    with _reading(Action.LIST, reason=reason, by=by, organization=organization, now=now, holder=code) as reading:
        body = ask("POST", "/api/licences/list", {"holder_code": code, **_question(reading)})
        found = shapes.licences(body, now=now)
        if not all(licence.concerns(code) for licence in found):
            raise Nonsense("a licence of another holder stands in the list")
        reading.count = len(found)
    return found


def fetch(
    identifier: str,
    *,
    reason: str,
    by: User | None,
    organization: Subject | None = None,
    holder_code: str = "",
    now: datetime,
) -> tuple[Licence, bytes]:
    """Fetch a licence and its file (PDF or OFD, stamped with reason and day), at most 20 MB.

    With `holder_code`, the licence must be held by it or be of a practitioner registered there. Refuses:
    identifier_*, reason_*, licence_unknown, licence_other_holder, library_absent, library_unavailable.
    """
    code = check_identifier(identifier)
    with _reading(Action.FETCH, reason=reason, by=by, organization=organization, now=now, identifier=code) as reading:
        body = ask("POST", "/api/licences/file", {"identifier": code, **_question(reading)})
        licence = _one(reading, body, holder_code, now)
        content = shapes.file(body)
    return licence, content


def verify(
    identifier: str,
    *,
    reason: str,
    by: User | None,
    organization: Subject | None = None,
    holder_code: str = "",
    now: datetime,
) -> Licence:
    """Ask how a licence stands now. Refuses as `fetch` does."""
    code = check_identifier(identifier)
    with _reading(Action.VERIFY, reason=reason, by=by, organization=organization, now=now, identifier=code) as reading:
        body = ask("POST", "/api/licences/verify", {"identifier": code, **_question(reading)})
        return _one(reading, body, holder_code, now)


def changes_since(cursor: int, *, now: datetime | None = None) -> list[tuple[int, Licence]]:
    """Return licences that were issued, renewed, suspended or cancelled after `cursor`, each as it stands now.

    In the feed's order, at most 200 at once: keep the last cursor, ask again until nothing comes. A licence may come
    twice; taking it twice must change nothing. 0 begins at the beginning, and so does a library that counts anew. An
    entry that cannot be read is logged and left out: one broken licence must not hold up the others' cancellations.
    Refuses: library_absent, library_unavailable.
    """
    moment = now or clock.now()
    with _feed(moment) as reading:
        body = ask("GET", f"/changes?after={int(cursor)}")
        last, rows = body.get("last"), body.get("changes")
        if isinstance(last, int) and last < cursor:
            logger.warning(
                "licence library: its feed ends at %s, before our %s; reading from the beginning", last, cursor
            )
            rows = ask("GET", "/changes?after=0").get("changes")
        changes = list(_changes(rows, moment))
        reading.count = len(changes)
    return changes


def _changes(rows: Any, now: datetime) -> Iterator[tuple[int, Licence]]:
    if not isinstance(rows, list) or len(rows) > shapes.MAX_LICENCES:
        raise Nonsense("no list of changes, or one without end")
    before = 0
    for row in rows:
        number = row.get("cursor") if isinstance(row, dict) else None
        if not isinstance(number, int) or number <= before:
            raise Nonsense(f"the feed's cursor {number!r} comes after {before}")
        before = number
        try:
            yield number, shapes.licence(row.get("licence"), now=now)
        except Nonsense as wrong:
            logger.error("licence library: change %s left out: %s", number, wrong)  # noqa: TRY400 - the text says it


def _one(reading: LicenceReading, body: dict[str, Any], holder_code: str, now: datetime) -> Licence:
    licence = shapes.licence(body.get("licence"), now=now)
    if licence.identifier != reading.identifier:
        raise Nonsense(f"asked for {reading.identifier}, got {licence.identifier}")
    reading.count = 1
    _name_holder(reading, licence.holder_code)
    if holder_code and not licence.concerns(_holder(holder_code)):
        raise OtherHolder
    return licence


def _holder(text: str) -> str:
    code = "".join(unicodedata.normalize("NFKC", text).upper().split())
    if not code or len(code) > MAX_CODE:
        raise Invalid("holder_missing", _("请填写持证主体的统一社会信用代码或证件号码。"), field="holder_code")
    return code


def _name_holder(reading: LicenceReading, code: str) -> None:
    reading.holder_code, reading.holder_key = masked(code), holder_key(code)


def _question(reading: LicenceReading) -> dict[str, str]:
    """Say to the library why, for whom, and under which number of ours; the person's name stays here."""
    return {
        "reason": reading.reason,
        "reference": reading.reference,
        "organization_code": reading.organization_code,
        "organization_name": reading.organization_name,
    }


@contextmanager
def _reading(
    action: str,
    *,
    reason: str,
    by: User | None,
    organization: Subject | None,
    now: datetime,
    holder: str = "",
    identifier: str = "",
) -> Iterator[LicenceReading]:
    """Keep a reading: committed as ASKED before the question, then with its outcome. Turns Nonsense into a refusal."""
    if not settings.LICENCE_LIBRARY_URL:
        raise LibraryUnavailable("library_absent")  # nothing is asked, so nothing is kept
    text = " ".join(reason.split())
    if not text:
        raise Invalid("reason_missing", _("调取电子证照必须说明申请事由。"), field="reason")
    if len(text) > MAX_REASON:
        raise Invalid("reason_long", _("申请事由最多 %(most)d 个字。") % {"most": MAX_REASON}, field="reason")
    reading = LicenceReading(action=action, by=by, identifier=identifier, reason=text, at=now)
    if organization is not None:
        reading.organization_code, reading.organization_name = organization.uscc or "", organization.name[:120]
    if holder:
        _name_holder(reading, holder)
    with transaction.atomic(durable=True):
        reading.save(force_insert=True)
    with _outcome(reading):
        yield reading


@contextmanager
def _feed(now: datetime) -> Iterator[LicenceReading]:
    """Keep a look at the feed when it brought something, or went otherwise than the last one: most bring nothing."""
    if not settings.LICENCE_LIBRARY_URL:
        raise LibraryUnavailable("library_absent")
    with transaction.atomic(durable=True):
        before = LicenceReading.objects.order_by("-pk").values_list("outcome", flat=True).first()
    reading = LicenceReading(action=Action.CHANGES, reason=FEED_REASON, at=now)
    try:
        with _outcome(reading):
            yield reading
    finally:
        if reading.outcome != Outcome.ASKED and (reading.count or reading.outcome != before):
            with transaction.atomic(durable=True):
                reading.save()


@contextmanager
def _outcome(reading: LicenceReading) -> Iterator[None]:
    try:
        yield
    except Nonsense as wrong:
        logger.error("licence library: %s is nonsense: %s", reading.action, wrong)  # noqa: TRY400 - the text says it
        _close(reading, Outcome.UNAVAILABLE, "library_unavailable")
        raise LibraryUnavailable from wrong
    except Refused as refusal:
        _close(reading, _outcome_of(refusal), refusal.code)
        raise
    _close(reading, Outcome.ANSWERED, "")


def _outcome_of(refusal: Refused) -> Outcome:
    if isinstance(refusal, LicenceUnknown):
        return Outcome.UNKNOWN
    return Outcome.UNAVAILABLE if isinstance(refusal, LibraryUnavailable) else Outcome.REFUSED


def _close(reading: LicenceReading, outcome: Outcome, refusal: str) -> None:
    READING.check(reading.outcome, outcome)
    reading.outcome, reading.refusal = outcome, refusal
    if reading.pk:
        with transaction.atomic(durable=True):
            reading.save(update_fields=("outcome", "refusal", "count", "holder_code", "holder_key"))
