"""Open an account, and bring names and numbers into their one form."""

from __future__ import annotations

import re
import unicodedata

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from marketplace.core.refusals import Invalid

from ..models import User

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
