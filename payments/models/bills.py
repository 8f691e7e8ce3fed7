"""Bill, its lines, what became of a day (Reconciliation, Break), and money on a bill that nobody knows (UnknownReceipt)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.bills.states import BreakStatus, DayStatus, ReceiptStatus

from .intents import Charge


class BillKind(models.TextChoices):
    """Name a bill as `bill_type` does: what was traded, or how the merchant's account moved."""

    TRADE = "trade", _("业务账单")
    FUND = "signcustomer", _("资金账单")


class LineType(models.TextChoices):
    PAYMENT = "payment", _("付款")
    REFUND = "refund", _("退款")
    TRANSFER = "transfer", _("结算")
    FEE = "fee", _("服务费")
    OTHER = "other", _("其他")


class Bill(models.Model):
    """Keep one bill's file as it came, named by its SHA-256. Of a day and kind one is current: the newest read to its end.

    `sums` has per type of line the number and the fen, and of a fund bill the balance before its first and after its last line.
    """

    day = models.DateField(_("账单日"))
    kind = models.CharField(_("种类"), max_length=12, choices=BillKind.choices)
    sha256 = models.CharField(max_length=64)
    file = models.FileField(_("文件"), upload_to="bills/%Y/")
    downloaded_at = models.DateTimeField(_("取得时间"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("上传人")
    )
    lines_count = models.PositiveIntegerField(_("行数"), default=0)
    sums = models.JSONField(_("合计"), default=dict, blank=True)
    is_current = models.BooleanField(_("现行"), default=False)

    class Meta:
        verbose_name = _("账单")
        verbose_name_plural = _("账单")
        ordering = ("-day", "kind", "-downloaded_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("day", "kind", "sha256"), name="bill_file_once"),
            models.UniqueConstraint(fields=("day", "kind"), condition=Q(is_current=True), name="bill_one_current"),
            models.CheckConstraint(condition=Q(kind__in=BillKind.values), name="bill_kind_known"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"


class BillLine(models.Model):
    """Be one line of a bill. `amount_fen` is what the merchant's account gained; `fee_fen` is a magnitude.

    `number` is the row in the file. `request_no` is the refund's own number; `balance_fen` stands on fund bills alone.
    """

    bill = models.ForeignKey(Bill, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("行号"))
    serial = models.CharField(_("流水号"), max_length=64, blank=True)
    trade_no = models.CharField(_("支付宝交易号"), max_length=64, blank=True)
    out_trade_no = models.CharField(_("商户订单号"), max_length=64, blank=True)
    type = models.CharField(_("类型"), max_length=8, choices=LineType.choices)
    request_no = models.CharField(_("请求号"), max_length=64, blank=True)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    fee_fen = models.BigIntegerField(_("服务费（分）"), default=0)
    balance_fen = models.BigIntegerField(_("余额（分）"), null=True, blank=True)
    at = models.DateTimeField(_("时间"))
    status = models.CharField(_("业务类型"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("账单行")
        verbose_name_plural = _("账单行")
        ordering = ("bill", "number")
        indexes = (models.Index(fields=("bill", "out_trade_no"), name="bill_line_order"),)

    def __str__(self) -> str:
        return f"{self.out_trade_no or self.serial} {self.amount_fen}"


class Reconciliation(models.Model):
    """Be what became of one day (China's). `theirs` and `ours` are fen per type of line; `counts` has lines per class for each book.

    `fees_fen` is what of the provider's fees is booked for the day. While somebody works on it, `busy_until` keeps others away.
    """

    day = models.DateField(_("账单日"), unique=True)
    status = models.CharField(_("状态"), max_length=10, choices=DayStatus.choices, default=DayStatus.WAITING)
    counts = models.JSONField(_("分类"), default=dict, blank=True)
    ours = models.JSONField(default=dict, blank=True)
    theirs = models.JSONField(default=dict, blank=True)
    fees_fen = models.BigIntegerField(_("已入账服务费（分）"), default=0)
    runs = models.PositiveIntegerField(_("次数"), default=0)
    ran_at = models.DateTimeField(_("对账时间"), null=True, blank=True)
    failure = models.TextField(_("原因"), blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("对账日")
        verbose_name_plural = _("对账日")
        ordering = ("-day",)
        constraints = (
            models.CheckConstraint(condition=Q(status__in=DayStatus.values), name="reconciliation_status_known"),
        )

    def __str__(self) -> str:
        return f"{self.day}"


class Break(models.Model):
    """Be one difference of a day between a bill and what we hold: whose it is, what is known of it, how it ended.

    `key` names what differs: (out_trade_no, type, request number), or the bill's serial number where there is none. A run that
    finds it again keeps the row; one that does not closes it and says so (`is_closed_by_run`).
    """

    class Class(models.TextChoices):
        MISSING_HERE = "missing_here", _("本地没有")
        MISSING_THERE = "missing_there", _("账单没有")
        AMOUNT = "amount", _("金额不符")
        STATE = "state", _("状态不符")
        FEE = "fee", _("服务费不符")
        DUPLICATE = "duplicate", _("重复")
        CUT_OFF = "cut_off", _("跨日")

    day = models.DateField(_("账单日"))
    book = models.CharField(_("账单"), max_length=12, choices=BillKind.choices)
    key = models.CharField(_("对象"), max_length=150)
    cls = models.CharField(_("分类"), max_length=14, choices=Class.choices)
    type = models.CharField(_("类型"), max_length=8, choices=LineType.choices)
    out_trade_no = models.CharField(_("商户订单号"), max_length=64, blank=True)
    object_id = models.CharField(_("本地编号"), max_length=120, blank=True)
    line = models.ForeignKey(BillLine, models.SET_NULL, null=True, blank=True, related_name="breaks")
    line_number = models.PositiveIntegerField(_("账单行号"), null=True, blank=True)
    our_fen = models.BigIntegerField(_("本地（分）"), null=True, blank=True)
    their_fen = models.BigIntegerField(_("支付宝（分）"), null=True, blank=True)
    says = models.CharField(_("说明"), max_length=300, blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=BreakStatus.choices, default=BreakStatus.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("经办人")
    )
    resolution = models.TextField(_("处理结果"), blank=True)
    resolved_at = models.DateTimeField(_("了结时间"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("了结人")
    )
    is_closed_by_run = models.BooleanField(default=False)
    found_at = models.DateTimeField(_("发现时间"))

    class Meta:
        verbose_name = _("对账差异")
        verbose_name_plural = _("对账差异")
        ordering = ("-day", "book", "cls", "pk")
        constraints = (
            models.UniqueConstraint(fields=("day", "book", "key"), name="break_once"),
            models.CheckConstraint(condition=Q(status__in=BreakStatus.values), name="break_status_known"),
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_at__isnull=False)
                | (~Q(status="resolved") & Q(resolved_at__isnull=True)),
                name="break_resolved_at_its_time",
            ),
        )
        indexes = (models.Index(fields=("status", "day"), name="break_open"),)

    def __str__(self) -> str:
        return f"{self.day} {self.out_trade_no or self.key}"


class UnknownReceipt(models.Model):
    """Be money that came to our account by a bill's word and that nobody knows: held in suspense `bill:<key>` until decided.

    `request_no` is Alipay's `out_request_no` of its return, so it can never go back twice.
    """

    key = models.CharField(max_length=100, unique=True)
    found_in = models.ForeignKey(Break, models.PROTECT, related_name="receipts")
    out_trade_no = models.CharField(_("商户订单号"), max_length=64)
    trade_no = models.CharField(_("支付宝交易号"), max_length=64, blank=True)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    paid_at = models.DateTimeField(_("付款时间"))
    status = models.CharField(_("状态"), max_length=10, choices=ReceiptStatus.choices, default=ReceiptStatus.HELD)
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="+")
    request_no = models.CharField(max_length=64, blank=True)
    reason = models.TextField(_("理由"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("决定人")
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    failure_code = models.CharField(max_length=80, blank=True)
    failure_message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("待查款项")
        verbose_name_plural = _("待查款项")
        ordering = ("-created_at", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="unknown_receipt_amount"),
            models.CheckConstraint(condition=Q(status__in=ReceiptStatus.values), name="unknown_receipt_status_known"),
        )

    def __str__(self) -> str:
        return self.key
