"""What the licence library knows of a code, as typed values that can lie in a draft until the entry is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

SLOW = 1.0  # seconds


class Answer(StrEnum):
    """Say how the library answered: it knows the code, does not, was silent, or there is none."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    DOWN = "down"
    ABSENT = "absent"


@dataclass(frozen=True)
class FoundCertificate:
    """Be a certificate in the library; `kind` is the code of a QualificationKind, days are ISO dates or ""."""

    kind: str
    number: str
    identifier: str
    grade: str = ""
    scope: str = ""
    issuer: str = ""
    issued_on: str = ""
    valid_until: str = ""


@dataclass(frozen=True)
class FoundPractitioner:
    """Be a practitioner's certificate that is registered at the firm; `key` is `person_key` of the number."""

    name: str
    key: str
    last4: str
    kind: str
    number: str
    identifier: str
    discipline: str = ""
    valid_until: str = ""


@dataclass(frozen=True)
class Found:
    """Be the library's answer about `code`, which took `seconds`.

    `values` holds what stands on the business licence (name, kind, region code, address, legal_representative), all of
    it from the authority; `standing` is the licence's status (Status) or "" where it is valid or unknown.
    """

    code: str
    answer: str
    values: Mapping[str, str] = field(default_factory=dict)
    identifier: str = ""
    standing: str = ""
    read_at: datetime | None = None
    certificates: tuple[FoundCertificate, ...] = ()
    practitioners: tuple[FoundPractitioner, ...] = ()
    seconds: float = 0.0

    def people(self, on_date: date) -> dict[str, int]:
        """Count by kind the practitioners whose certificate is valid on a day."""
        return Counter(kind for kind, _person in {(one.kind, one.key) for one in self.valid_practitioners(on_date)})

    def valid_practitioners(self, on_date: date) -> list[FoundPractitioner]:
        """Return the practitioners' certificates that are valid on a day."""
        return [one for one in self.practitioners if (day_of(one.valid_until) or on_date) >= on_date]

    @property
    def is_slow(self) -> bool:
        """Tell whether the worker should ask nothing more in this round: others wait for it."""
        return self.seconds > SLOW

    @property
    def is_known(self) -> bool:
        return self.answer == Answer.KNOWN

    @property
    def was_asked(self) -> bool:
        """Tell whether the library answered at all: if not, what is typed is held against it later."""
        return self.answer in (Answer.KNOWN, Answer.UNKNOWN)

    def kept(self) -> dict[str, Any]:
        """Return it as JSON for a draft."""
        return {**asdict(self), "read_at": self.read_at.isoformat() if self.read_at else ""}

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> Found:
        """Return what `kept` gave."""
        return cls(
            **{
                **kept,
                "read_at": datetime.fromisoformat(kept["read_at"]) if kept["read_at"] else None,
                "certificates": tuple(FoundCertificate(**one) for one in kept["certificates"]),
                "practitioners": tuple(FoundPractitioner(**one) for one in kept["practitioners"]),
            }
        )


def day_of(text: str) -> date | None:
    """Return an ISO date, None for ""."""
    return date.fromisoformat(text) if text else None
