"""States of a penalty."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class PenaltyStatus(models.TextChoices):
    ACTIVE = "active", _("有效")
    WITHDRAWN = "withdrawn", _("已撤销")


PENALTY = Table(
    "penalty",
    PenaltyStatus,
    {PenaltyStatus.ACTIVE: {PenaltyStatus.WITHDRAWN: "withdraw_penalty"}},
)
