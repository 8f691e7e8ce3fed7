"""The one verb of the desks that belongs to no chapter: try a dead delivery again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core.events import deliver
from marketplace.core.locks import lock
from marketplace.core.models import DELIVERY, Delivery, DeliveryStatus
from marketplace.core.refusals import Forbidden, Refused


def retry_delivery(*, delivery: Delivery, by: Any, now: datetime) -> Delivery:
    """Owe a dead delivery again and try it at once; its attempts begin anew, so the worker goes on when it fails.

    It records no event: the event is what is delivered. Refuses: not_administrator (403), state_conflict,
    delivery_failed when the handler failed again.
    """
    if not getattr(by, "is_staff", False):
        raise Forbidden("not_administrator", _("只有平台管理机构可以重试。"))
    with transaction.atomic():
        delivery = lock(delivery)
        DELIVERY.check(delivery.status, DeliveryStatus.PENDING)
        delivery.status, delivery.attempts, delivery.next_at = DeliveryStatus.PENDING, 0, now
        delivery.save(update_fields=["status", "attempts", "next_at"])
    if not deliver(delivery=delivery, now=now):
        raise Refused("delivery_failed", _("又失败了一次，原因记在下面；系统会继续自动重试。"))
    delivery.refresh_from_db()
    return delivery
