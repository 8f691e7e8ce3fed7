"""Users and the messages on the site that they receive."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """Be a person who signs in. What they may do follows from their memberships, and `is_staff` for administrators."""

    display_name = models.CharField(_("姓名"), max_length=80, blank=True)
    phone = models.CharField(_("手机号码"), max_length=20, blank=True)
    is_robot = models.BooleanField(_("演示机器人"), default=False)

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")

    def __str__(self) -> str:
        return self.display_name or self.username


class Message(models.Model):
    """Tell one person one thing on the site; a mail goes out beside it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="messages")
    key = models.CharField(max_length=120, blank=True)
    title = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("内容"), blank=True)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "key"), condition=~models.Q(key=""), name="message_once", violation_error_code="twice"
            ),
        )

    def __str__(self) -> str:
        return self.title
