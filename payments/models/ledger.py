"""The ledger's rows: accounts, entries, their lines, and the balance kept with the lines.

A line is positive where the account is credited. What we owe (escrow, payable, refunds on their way, suspense) stands
above zero; what the provider keeps for us (clearing) stands below zero by the same amount. All lines together are zero.
The database itself refuses what is uneven and what changes the past (payments.triggers).
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from . import ids


class AccountKind(models.TextChoices):
    """Say what stands on an account; whose it is stands beside each (nobody's: there is only one)."""

    PROVIDER_CLEARING = "provider_clearing", _("支付机构往来")
    ESCROW = "escrow", _("保管款")  # a payment intent's
    PAYABLE = "payable", _("应付机构款")  # an organization's
    REFUND_IN_TRANSIT = "refund_in_transit", _("退款途中")  # a refund's
    SUSPENSE = "suspense", _("待查款项")  # a charge's, or a bill line's
    PLATFORM_FEE = "platform_fee", _("平台服务费收入")
    PROVIDER_FEE = "provider_fee", _("支付机构服务费")
    PLATFORM_FUNDS = "platform_funds", _("平台垫付资金")
    DEBT = "debt", _("机构待抵还款")  # an organization's
    CLAIMS = "claims", _("应收垫付款")


class Account(models.Model):
    """Name a purse: its kind and whose it is (an intent's, refund's or charge's id, an organization's key)."""

    kind = models.CharField(max_length=24, choices=AccountKind.choices)
    owner = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("账户")
        verbose_name_plural = _("账户")
        constraints = (models.UniqueConstraint(fields=("kind", "owner"), name="account_once"),)

    def __str__(self) -> str:
        return f"{self.kind}:{self.owner}" if self.owner else self.kind


class Entry(models.Model):
    """Book one movement of money, once (`key`). It has exactly `line_count` lines: none can be added to it later."""

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=32)
    process = models.ForeignKey("core.Process", models.PROTECT, null=True, blank=True, related_name="ledger_entries")
    at = models.DateTimeField()
    line_count = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("分录")
        verbose_name_plural = _("分录")
        ordering = ("id",)
        constraints = (models.CheckConstraint(condition=Q(line_count__gte=2), name="entry_has_two_sides"),)

    def __str__(self) -> str:
        return self.key


class Line(models.Model):
    """One account's part of an entry."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, models.PROTECT, related_name="lines")
    amount_fen = models.BigIntegerField()

    class Meta:
        verbose_name = _("分录行")
        verbose_name_plural = _("分录行")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=~Q(amount_fen=0), name="line_not_zero"),
            models.UniqueConstraint(fields=("entry", "account"), name="line_once_per_account"),
        )

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount_fen}"


class Balance(models.Model):
    """Keep an account's sum of lines; what we owe can never fall below zero."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="balance")
    amount_fen = models.BigIntegerField(default=0)
    may_be_negative = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("余额")
        verbose_name_plural = _("余额")
        constraints = (
            models.CheckConstraint(
                condition=Q(may_be_negative=True) | Q(amount_fen__gte=0), name="balance_not_below_zero"
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount_fen}"


class TopUp(models.Model):
    """Note that the platform put money of its own into its account at the provider, from which refunds are advanced."""

    id = models.CharField(primary_key=True, max_length=40, default=ids.top_up_id, editable=False)
    key = models.CharField(max_length=120, unique=True)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    note = models.CharField(_("说明"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("平台资金存入")
        verbose_name_plural = _("平台资金存入")
        ordering = ("-created_at", "-id")
        constraints = (models.CheckConstraint(condition=Q(amount_fen__gt=0), name="top_up_amount"),)

    def __str__(self) -> str:
        return self.id
