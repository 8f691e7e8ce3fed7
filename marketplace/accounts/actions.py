"""Verbs of accounts: open one, sign in, tell somebody something."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, password_validation
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from marketplace.core.refusals import Forbidden, Invalid, Refused

from .models import Message, User
from .rules import may_read_message

logger = logging.getLogger(__name__)
FAILURES, WINDOW_MINUTES = 10, 10
PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?")


def clean_phone(text: str, *, field: str = "phone") -> str:
    """Return a telephone number without spaces and full-width digits; refuse with `phone_invalid`."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).removeprefix("+86")
    if not PHONE.fullmatch(plain):
        raise Invalid("phone_invalid", _("请填写 11 位手机号码，或带区号的座机，例如 0701-6440000。"), field=field)
    return plain


def clean_username(text: str) -> str:
    """Return a user name in lower case and half-width; refuse with `username_invalid`."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if not re.fullmatch(r"[\w.@+-]{3,60}", plain):
        raise Invalid("username_invalid", _("用户名为 3 至 60 个字，可用文字、数字和 . @ + - _。"), field="username")
    return plain


def create_account(
    *,
    username: str,
    password: str | None,
    display_name: str = "",
    phone: str = "",
    email: str = "",
    is_robot: bool = False,
) -> User:
    """Open an account; a user name that is a mobile number is kept as the telephone number too.

    Without a `password` (None) nobody can sign in with one; another way of identification has to let the person in.

    Refuses: username_invalid, username_taken, password_weak, phone_invalid.
    """
    username = clean_username(username)
    phone = clean_phone(phone) if phone else (username if PHONE.fullmatch(username) else "")
    user = User(username=username, display_name=display_name.strip()[:80], phone=phone, email=email, is_robot=is_robot)
    taken = Invalid("username_taken", _("这个用户名已有人使用。如果是您，请先登录；否则请换一个。"), field="username")
    if User.objects.filter(username__iexact=username).exists():
        raise taken
    try:
        if password is not None:
            password_validation.validate_password(password, user)
    except ValidationError as weak:
        raise Invalid("password_weak", " ".join(weak.messages), field="password") from weak
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as twice:
        raise taken from twice
    return user


def sign_in(*, request: HttpRequest, username: str, password: str) -> User:
    """Sign somebody in on this session. Ten failures in ten minutes for one name from one address make it wait.

    Refuses: too_many_failures (429), credentials_wrong (422).
    """
    typed = unicodedata.normalize("NFKC", username).strip()
    key = f"sign-in:{request.META.get('REMOTE_ADDR', '')}:{typed.lower()}".replace(" ", "_")[:200]
    if cache.get(key, 0) >= FAILURES:
        raise Refused(
            "too_many_failures",
            _("登录失败次数太多。请过 %(minutes)d 分钟再试，或联系平台重设密码。") % {"minutes": WINDOW_MINUTES},
            status=429,
        )
    known = User.objects.filter(username__iexact=typed).values_list("username", flat=True).first()
    user = authenticate(request, username=known or typed, password=password)
    if not isinstance(user, User):
        cache.add(key, 0, WINDOW_MINUTES * 60)
        cache.incr(key)
        raise Invalid("credentials_wrong", _("用户名或密码不对，请核对后再试。"), field="password")
    cache.delete(key)
    login(request, user)
    return user


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
