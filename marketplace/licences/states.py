"""States of a licence, as its authority keeps them, and of a reading, as we keep it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class Status(models.TextChoices):
    """Say how a licence stands; the library decides, we only read."""

    VALID = "valid", _("有效")
    SUSPENDED = "suspended", _("暂扣")
    CANCELLED = "cancelled", _("已注销")
    EXPIRED = "expired", _("已过期")


class Outcome(models.TextChoices):
    """Say what became of a reading. One that stays ASKED was cut off: the library may have answered all the same."""

    ASKED = "asked", _("已发出")
    ANSWERED = "answered", _("已返回")
    UNKNOWN = "unknown", _("查无此证照")
    REFUSED = "refused", _("证照不符")
    UNAVAILABLE = "unavailable", _("证照库无法使用")


READING = Table(
    "licence_reading",
    Outcome,
    {
        Outcome.ASKED: {
            Outcome.ANSWERED: "licences_of",
            Outcome.UNKNOWN: "fetch",
            Outcome.REFUSED: "fetch",
            Outcome.UNAVAILABLE: "licences_of",
        },
    },
)
