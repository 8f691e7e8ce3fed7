"""What people and tests may do to the local library: issue, renew, suspend, resume, cancel, end, and set its faults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from marketplace.core.refusals import Invalid

from ..identifiers import check_identifier
from ..states import Status
from .faults import Faults
from .seeding import Certificate, Holder, Person, certificate_body, practitioner_body, registration
from .store import ControlRefused, Store
from .types import REGISTRATIONS, types

TO = {"suspend": Status.SUSPENDED, "resume": Status.VALID, "cancel": Status.CANCELLED}


class Controls:
    """Do what a form or a JSON object says: `do` names it, the rest are its words."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self.store, self.faults = store, faults

    def act(self, words: Mapping[str, Any], *, today: date) -> dict[str, str]:
        """Do it and return what it made, such as {"identifier": …}. Raises ControlRefused in a sentence."""
        do = _word(words, "do")
        if do == "issue":
            return {"identifier": self._issue(words, today)}
        if do == "fault":
            times = _word(words, "times")
            self.faults.set(
                _word(words, "name"),
                times=_whole(times) if times else None,
                seconds=_seconds(_word(words, "seconds") or "0"),
                kind=_word(words, "kind"),
            )
            return {}
        if do == "off":
            self.faults.clear()
            return {}
        identifier = self._identifier(words)
        if do in TO:
            self.store.move(identifier, TO[do], today=today)
        elif do == "renew":
            identifier = self.store.renew(identifier, valid_until=_day(words, "valid_until"), today=today)
        elif do == "end":
            ends = _day(words, "valid_until")
            if ends is None:
                raise ControlRefused("请填写有效期。")
            self.store.end_on(identifier, ends, today=today)
        else:
            raise ControlRefused("没有这个操作。")
        return {"identifier": identifier}

    def _identifier(self, words: Mapping[str, Any]) -> str:
        try:
            return check_identifier(_word(words, "identifier"))
        except Invalid as wrong:
            raise ControlRefused(str(wrong)) from wrong

    def _issue(self, words: Mapping[str, Any], today: date) -> str:
        kind = types().get(_word(words, "kind"))
        if kind is None:
            raise ControlRefused("请选择证照种类。")
        code, name = _word(words, "holder_code").upper(), _word(words, "holder_name")
        if not code or not name or len(code) > 40 or len(name) > 120:
            raise ControlRefused("请填写持证主体的代码（最多 40 位）和名称（最多 120 字）。")
        until = _day(words, "valid_until")
        if until is None and kind.years:
            until = date(today.year + kind.years, today.month, min(today.day, 28))
        certificate = Certificate(
            kind=kind.kind,
            number=_word(words, "number") or f"演示{self.store.count() + 1:06d}",
            grade=_word(words, "grade"),
            scope=_word(words, "scope"),
            issued_on=_day(words, "issued_on") or today,
            valid_until=until,
            type_code=_word(words, "type_code"),
        )
        if kind.kind in REGISTRATIONS:
            body = registration(
                Holder(
                    code=code,
                    name=name,
                    kind=kind.kind,
                    legal_representative=_word(words, "legal_representative") or "演示法人",
                    address=_word(words, "address") or "鹰潭市月湖区演示路 1 号",
                    region=_word(words, "region") or "360602",
                    registered_on=certificate.issued_on,
                ),
                today=today,
            )
        elif kind.holder == "person":
            firm = Holder(
                code=_word(words, "registered_code").upper(),
                name=_word(words, "registered_at"),
                kind="enterprise",
                legal_representative="",
                address="",
            )
            person = Person(code=code, name=name, certificate=certificate, discipline=_word(words, "discipline"))
            body = practitioner_body(person, firm, today=today)
        else:
            body = certificate_body(certificate, holder_code=code, holder_name=name, today=today)
        try:
            return self.store.issue(body, issuer_code=kind.issuer_code, today=today)
        except Invalid as wrong:
            raise ControlRefused(str(wrong)) from wrong


def _word(words: Mapping[str, Any], name: str) -> str:
    value = words.get(name)
    return "" if value is None else " ".join(str(value).split())[:200]


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise ControlRefused("次数应为正整数。")
    return int(text)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError as wrong:
        raise ControlRefused("秒数应为数字。") from wrong


def _day(words: Mapping[str, Any], name: str) -> date | None:
    text = _word(words, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise ControlRefused(f"日期 {text} 应写作 2026-12-31 的样子。") from wrong
