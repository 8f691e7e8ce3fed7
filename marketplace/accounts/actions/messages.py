"""Tell somebody something: on the site, and by mail when they gave an address."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core.refusals import Forbidden

from ..models import Message, User
from ..rules import may_read_message

logger = logging.getLogger(__name__)


@transaction.atomic
def notify(
    *, user: User, title: str, body: str = "", url: str = "", key: str = "", now: datetime, by_mail: bool = True
) -> Message:
    """Tell one person one thing: a message on the site, and a mail after the commit when they gave an address.

    With a `key` the same message is written once, however often it is asked for. `url` is a path on this site. Without
    `by_mail` no mail goes out.
    """
    values = {"title": str(title)[:200], "body": str(body), "url": url, "created_at": now}
    if key:
        message, made = Message.objects.get_or_create(user=user, key=key, defaults=values)
        if not made:
            return message
    else:
        message = Message.objects.create(user=user, **values)
    if by_mail and user.email and not user.is_robot:
        transaction.on_commit(lambda: _mail(user.email, message))
    return message


def notify_each(
    *, notes: Iterable[tuple[User, str, str]], url: str = "", key: str, now: datetime, by_mail: bool = True
) -> list[Message]:
    """Tell several people, each (user, title, body) of `notes`, about one thing; who was told under this `key` is left out.

    Three statements however many they are. For callers that hold the lock of what it is about: two at once would both write.
    """
    wanted = {user.pk: (user, title, body) for user, title, body in notes}
    told = set(Message.objects.filter(key=key, user__in=wanted).values_list("user", flat=True))
    fresh = [
        Message(user=user, key=key, title=str(title)[:200], body=str(body), url=url, created_at=now)
        for pk, (user, title, body) in wanted.items()
        if pk not in told
    ]
    made = Message.objects.bulk_create(fresh)
    for message in made:
        if by_mail and message.user.email and not message.user.is_robot:
            transaction.on_commit(partial(_mail, message.user.email, message))
    return made


def _mail(address: str, message: Message) -> None:
    link = f"\n\n{settings.BASE_URL}{message.url}" if message.url else ""
    subject = f"【{settings.WAGTAIL_SITE_NAME}】{message.title}"
    try:
        send_mail(subject, f"{message.title}\n\n{message.body}{link}\n", settings.DEFAULT_FROM_EMAIL, [address])
    except OSError:
        logger.exception("mail about message %s could not be sent", message.pk)


def read_message(*, message: Message, by: Any, now: datetime) -> Message:
    """Mark a message as read; the first time counts. Refuses with `not_yours` (403)."""
    if not may_read_message(by, message):
        raise Forbidden("not_yours", _("这条消息是发给别人的。"))
    Message.objects.filter(pk=message.pk, read_at=None).update(read_at=now)
    message.refresh_from_db(fields=["read_at"])
    return message
