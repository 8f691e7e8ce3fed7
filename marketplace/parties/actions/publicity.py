"""What becomes of a public notice: it ends, somebody objects, the department decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.actions import clean_phone
from marketplace.core.files import check_upload, sha256_of
from marketplace.core.locks import lock
from marketplace.core.moments import until as until_words
from marketplace.core.refusals import Forbidden, Invalid, Refused

from ..models import Publicity, PublicityObjection
from ..rules import is_administrator
from ..states import PUBLICITY, PUBLICITY_OBJECTION, PublicityObjectionStatus, PublicityStatus
from .notices import end_after_hold, record_notice
from .offerings import refresh_offerings

MIN_TEXT, MAX_TEXT = 10, 2000
OBJECTIONS, WINDOW_MINUTES = 5, 60  # from one address or person


@transaction.atomic
def end_publicity(*, publicity: Publicity, now: datetime) -> Publicity:
    """End a notice whose days are over; its offers go live as far as the firm still holds what they ask for.

    Whoever notices first may. Refuses: not_over, state_conflict.
    """
    organization = lock(publicity.organization)
    publicity = lock(publicity)
    PUBLICITY.check(publicity.status, PublicityStatus.PASSED)
    if now < publicity.ends_at:
        until = until_words(publicity.ends_at)
        raise Refused("not_over", _("公示到 %(until)s 才结束。") % {"until": until})
    publicity.status = PublicityStatus.PASSED
    publicity.save(update_fields=["status"])
    record_notice(publicity, "publicity_passed", by=None, now=now, data={})
    refresh_offerings(organization=organization, now=now)
    return publicity


def object_to_publicity(
    *,
    publicity: Publicity,
    objector: str = PublicityObjection.Objector.PERSON,
    name: str,
    phone: str,
    text: str,
    file: Any = None,
    by: Any = None,
    address: str = "",
    now: datetime,
) -> PublicityObjection:
    """Say something against a notice; anybody may, signed in (`by`) or not. The notice's clock stops until it is decided.

    Name and telephone are for the department, never public; `objector` says whether a person or an organization speaks.
    `address` is where a request came from: from one of them, or
    one person, come at most five objections an hour.

    Refuses: too_many_objections (429), objector_unknown, name_missing, phone_invalid, text_short, text_long, file_*, publicity_over.
    """
    person = getattr(by, "pk", None)
    name, text = name.strip()[:60], text.strip()
    if objector not in PublicityObjection.Objector.values:
        raise Invalid("objector_unknown", _("请选择以个人还是单位的名义提出。"), field="objector")
    if not name:
        raise Invalid("name_missing", _("请填写姓名或单位名称，它不会公开。"), field="name")
    phone = clean_phone(phone)
    if len(text) < MIN_TEXT:
        raise Invalid("text_short", _("请写明异议内容，至少 %(count)s 个字。") % {"count": MIN_TEXT}, field="text")
    if len(text) > MAX_TEXT:
        raise Invalid("text_long", _("异议内容最多 %(count)s 个字。") % {"count": MAX_TEXT}, field="text")
    if file:
        check_upload(file)
    _slow_down(f"person:{person}" if person else f"address:{address}")
    with transaction.atomic():
        lock(publicity.organization)
        publicity = lock(publicity)
        if publicity.status != PublicityStatus.HELD:
            if publicity.status != PublicityStatus.OPEN or now >= publicity.ends_at:
                until = until_words(publicity.ends_at)
                raise Refused("publicity_over", _("公示已于 %(until)s 结束，发现问题请向平台反映。") % {"until": until})
            PUBLICITY.check(publicity.status, PublicityStatus.HELD)
            publicity.status, publicity.held_at = PublicityStatus.HELD, now
            publicity.save(update_fields=["status", "held_at"])
        objection = PublicityObjection(
            publicity=publicity, user_id=person, name=name, phone=phone, text=text, filed_at=now, objector=objector
        )
        if file:
            objection.sha256 = sha256_of(file)
            objection.file.save(f"{objection.sha256[:16]}-{file.name[-60:]}", file, save=False)
        objection.save()
        # Who objected stays out of the public record, so the actor does too.
        record_notice(publicity, "publicity_objected", by=None, now=now, data={"objection": objection.pk})
    return objection


def _slow_down(who: str) -> None:
    key = f"publicity-objections:{who}".replace(" ", "_")[:200]
    cache.add(key, 0, WINDOW_MINUTES * 60)
    if cache.incr(key) > OBJECTIONS:
        raise Refused("too_many_objections", _("您提交的异议太多了，请过一小时再试。"), status=429)


@transaction.atomic
def dismiss_objection(*, objection: PublicityObjection, reason: str, by: Any, now: datetime) -> PublicityObjection:
    """Decide that an objection does not hold; after the last one the notice goes on for what was left of it.

    Refuses: not_administrator (403), reason_needed, state_conflict, calendar_unknown.
    """
    publicity, objection = _decide(objection, PublicityObjectionStatus.DISMISSED, reason, by, now)
    data: dict[str, Any] = {"objection": objection.pk, "reason": objection.reason}
    if publicity.status == PublicityStatus.HELD and not _filed(publicity).exists():
        PUBLICITY.check(publicity.status, PublicityStatus.OPEN)
        publicity.status, publicity.ends_at = PublicityStatus.OPEN, end_after_hold(publicity, now)
        publicity.held_at = None
        publicity.save(update_fields=["status", "ends_at", "held_at"])
        data["ends_at"] = publicity.ends_at.isoformat()
    record_notice(publicity, "publicity_objection_dismissed", by=by, now=now, data=data)
    return objection


@transaction.atomic
def uphold_objection(*, objection: PublicityObjection, reason: str, by: Any, now: datetime) -> PublicityObjection:
    """Decide that an objection holds: the notice failed, and its certificates count no more for the offers in it.

    Other objections to the same notice are upheld with it. Refuses: not_administrator (403), reason_needed, state_conflict.
    """
    publicity, objection = _decide(objection, PublicityObjectionStatus.UPHELD, reason, by, now)
    PUBLICITY.check(publicity.status, PublicityStatus.FAILED)
    publicity.status = PublicityStatus.FAILED
    publicity.save(update_fields=["status"])
    for other in _filed(publicity):
        PUBLICITY_OBJECTION.check(other.status, PublicityObjectionStatus.UPHELD)
        other.status, other.reason = PublicityObjectionStatus.UPHELD, objection.reason
        other.decided_by, other.decided_at = by, now
        other.save(update_fields=["status", "reason", "decided_by", "decided_at"])
    data = {"objection": objection.pk, "reason": objection.reason}
    record_notice(publicity, "publicity_objection_upheld", by=by, now=now, data=data)
    refresh_offerings(organization=publicity.organization, by=by, now=now)
    return objection


def _filed(publicity: Publicity) -> Any:
    return publicity.objections.filter(status=PublicityObjectionStatus.FILED)


def _decide(
    objection: PublicityObjection, status: str, reason: str, by: Any, now: datetime
) -> tuple[Publicity, PublicityObjection]:
    lock(objection.publicity.organization)
    publicity = lock(objection.publicity)
    objection = lock(objection)
    if not is_administrator(by):
        raise Forbidden("not_administrator", _("只有平台管理机构可以处理异议。"))
    if not reason.strip():
        raise Invalid("reason_needed", _("请写明处理意见，它会公开。"), field="reason")
    PUBLICITY_OBJECTION.check(objection.status, status)
    objection.status, objection.reason = status, reason.strip()
    objection.decided_by, objection.decided_at = by, now
    objection.save(update_fields=["status", "reason", "decided_by", "decided_at"])
    return publicity, objection
