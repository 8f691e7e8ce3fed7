"""Users, the messages on the site that they receive, their proven identities, and what happened to their accounts."""

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


class Identity(models.Model):
    """Tie an account to one person or legal person whom the unified identity provider proves.

    `issuer` and `subject` are the provider's; `agent` is who acts for a legal person, so that a provider that gives a firm one
    subject still tells its agents apart. Of a person's number only a keyed digest and its last four characters are kept.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("个人")
        LEGAL = "legal", _("法人")

    user = models.ForeignKey(User, models.CASCADE, related_name="identities", verbose_name=_("账号"))
    kind = models.CharField(_("类别"), max_length=8, choices=Kind.choices)
    issuer = models.CharField(_("认证机构"), max_length=200)
    subject = models.CharField(_("认证机构的编号"), max_length=255)
    agent = models.CharField(_("经办人"), max_length=80, blank=True)
    name = models.CharField(_("姓名或名称"), max_length=200)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    number_key = models.CharField(_("证件号码的摘要"), max_length=64, blank=True)
    last4 = models.CharField(_("证件号码后四位"), max_length=4, blank=True)
    level = models.CharField(_("认证等级"), max_length=8, blank=True)
    linked_at = models.DateTimeField(_("关联时间"))
    last_used_at = models.DateTimeField(_("上次使用"))

    class Meta:
        verbose_name = _("统一身份")
        verbose_name_plural = _("统一身份")
        ordering = ("linked_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("issuer", "subject", "agent"), name="identity_once", violation_error_code="identity_taken"
            ),
        )
        indexes = (models.Index(fields=("uscc",), name="identity_uscc"),)

    def __str__(self) -> str:
        return f"{self.name}（{self.agent}）" if self.agent else self.name


class AccountRecord(models.Model):
    """Keep what happened to an account: for its owner to see on the page 账号安全, and for an inquiry. Never changed."""

    class What(models.TextChoices):
        SIGNED_IN = "signed_in", _("登录")
        SIGN_IN_FAILED = "sign_in_failed", _("登录失败")
        CODE_FAILED = "code_failed", _("验证码不对")
        SIGNED_OUT_ELSEWHERE = "signed_out_elsewhere", _("退出其他设备")
        PASSWORD_CHANGED = "password_changed", _("修改密码")
        PASSWORD_RESET = "password_reset", _("用邮件重设密码")
        PASSWORD_SET = "password_set", _("设置密码")
        CODES_ADDED = "codes_added", _("启用动态验证码")
        CODES_REMOVED = "codes_removed", _("停用动态验证码")
        PASSKEY_ADDED = "passkey_added", _("添加通行密钥")
        PASSKEY_REMOVED = "passkey_removed", _("删除通行密钥")
        RECOVERY_MADE = "recovery_made", _("生成恢复码")
        IDENTITY_LINKED = "identity_linked", _("关联统一身份")
        IDENTITY_UNLINKED = "identity_unlinked", _("解除统一身份")
        EMAIL_CHANGED = "email_changed", _("修改邮箱")
        OPENED = "opened", _("开通账号")

    user = models.ForeignKey(User, models.CASCADE, related_name="records")
    what = models.CharField(_("事项"), max_length=24, choices=What.choices)
    how = models.CharField(_("方式"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("网络地址"), null=True, blank=True)
    device = models.CharField(_("设备"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("账号记录")
        verbose_name_plural = _("账号记录")
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("user", "-at"), name="account_record_newest"),)

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.how}".strip()
