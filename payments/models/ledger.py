"""The ledger's rows: accounts, entries, their lines, and the balance kept with the lines.

A line is positive where the account is credited. What we owe (escrow, payable, refunds on their way, suspense) stands
above zero; what the provider keeps for us (clearing) stands below zero by the same amount. All lines together are zero.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AccountKind(models.TextChoices):
    PROVIDER_CLEARING = "provider_clearing", _("支付机构往来")
    ESCROW = "escrow", _("保管款")
    PAYABLE = "payable", _("应付机构款")
    REFUND_IN_TRANSIT = "refund_in_transit", _("退款途中")
    SUSPENSE = "suspense", _("待查款项")
    PROVIDER_FEE = "provider_fee", _("支付机构服务费")


class Account(models.Model):
    """Name a purse: its kind and whose it is (a transfer group, an organization's key, a refund's or charge's id)."""

    kind = models.CharField(max_length=24, choices=AccountKind.choices)
    owner = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("账户")
        verbose_name_plural = _("账户")
        constraints = (models.UniqueConstraint(fields=("kind", "owner"), name="account_once"),)

    def __str__(self) -> str:
        return f"{self.kind}:{self.owner}" if self.owner else self.kind


class Entry(models.Model):
    """Book one movement of money, once (`key`)."""

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=32)
    process = models.ForeignKey("core.Process", models.PROTECT, null=True, blank=True, related_name="ledger_entries")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("分录")
        verbose_name_plural = _("分录")
        ordering = ("id",)

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
