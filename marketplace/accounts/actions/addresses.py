"""Change the mail address of an account: the new one counts when somebody opened the link that was sent there."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.core.refusals import Forbidden, Invalid, Refused

from ..models import AccountRecord, User
from .records import record

SALT = "accounts.email"
VALID_SECONDS = 24 * 3600
MAILS, WINDOW_SECONDS = 5, 3600  # of one account


def ask_address(*, user: User, address: str, by: User) -> None:
    """Send the link that makes `address` the account's own; nothing changes until it is opened.

    Refuses: not_yours (403), email_same (422), too_many_mails (429), mail_down (503).
    """
    if by.pk != user.pk:
        raise Forbidden("not_yours", _("只能修改您自己的邮箱。"))
    if address.lower() == user.email.lower():
        raise Invalid("email_same", _("这就是现在的邮箱。"), field="email")
    key = f"email-asked:{user.pk}"
    cache.add(key, 0, WINDOW_SECONDS)
    if cache.incr(key) > MAILS:
        raise Refused("too_many_mails", _("一小时内发得太多了，请稍后再试。"), status=429)
    token = signing.dumps([user.pk, user.email, address], salt=SALT)
    link = f"{settings.BASE_URL}{reverse('accounts:confirm_email', args=[token])}"
    body = _(
        "账号“%(name)s”要把这个邮箱作为联系邮箱。如果是您，请在 24 小时内打开链接确认：\n\n%(link)s\n\n如果不是您，不用理会这封邮件。"
    ) % {"name": user, "link": link}
    try:
        send_mail(f"【{settings.WAGTAIL_SITE_NAME}】{_('确认邮箱')}", body, settings.DEFAULT_FROM_EMAIL, [address])
    except OSError as problem:
        raise Refused("mail_down", _("邮件没有发出去，请稍后再试。"), status=503) from problem


def read_token(token: str) -> tuple[User, str]:
    """Return whose address a link confirms and which. Refuses: link_invalid (422): forged, old, used or overtaken."""
    gone = Invalid("link_invalid", _("这个链接已失效，请重新申请。"))
    try:
        pk, before, address = signing.loads(token, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature as wrong:
        raise gone from wrong
    user = User.objects.filter(pk=pk, email=before, is_active=True).first()
    if user is None:
        raise gone
    return user, str(address)


@transaction.atomic
def confirm_address(*, token: str, request: HttpRequest | None = None, now: datetime) -> User:
    """Make the confirmed address the account's own, and tell the one before. Refuses: link_invalid."""
    user, address = read_token(token)
    before = user.email
    user.email = address
    user.save(update_fields=["email"])
    record(user=user, what=AccountRecord.What.EMAIL_CHANGED, request=request, how=address, now=now)
    if before:
        subject = f"【{settings.WAGTAIL_SITE_NAME}】{_('账号安全：修改邮箱')}"
        body = _("账号“%(name)s”的联系邮箱已改为 %(address)s。如果不是您本人操作，请马上致电平台。") % {
            "name": user,
            "address": address,
        }
        transaction.on_commit(
            lambda: send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [before], fail_silently=True) and None
        )
    return user
