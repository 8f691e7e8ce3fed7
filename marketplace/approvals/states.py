"""States of a message to the approval platform."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class PushStatus(models.TextChoices):
    WAITING = "waiting", _("待送达")
    SENT = "sent", _("已送达")
    REFUSED = "refused", _("对方退回")


PUSH = Table(
    "push",
    PushStatus,
    {
        PushStatus.WAITING: {PushStatus.SENT: "send_push", PushStatus.REFUSED: "send_push"},
        PushStatus.REFUSED: {PushStatus.WAITING: "retry_push"},
    },
)
