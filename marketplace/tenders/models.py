"""Needs, their documents and questions, and the versioned rules under which they run."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core.models import Process
from marketplace.parties.models import Organization
from marketplace.projects.models import ApprovalCase, InvestmentProject

from .states import TenderStatus


class Method(models.TextChoices):
    """How a firm is selected."""

    LIVE_AUCTION = "live_auction", _("在线竞价（最低价）")


MARKS = {
    TenderStatus.DRAFT: "waiting",
    TenderStatus.OPEN: "open",
    TenderStatus.SELECTING: "open",
    TenderStatus.AWARDED: "waiting",
    TenderStatus.CONTRACTED: "open",
    TenderStatus.COMPLETED: "done",
    TenderStatus.FAILED: "danger",
    TenderStatus.CANCELLED: "neutral",
}


class NumberSeries(models.Model):
    """Count the needs of a year, so that numbers are short, unique and in order."""

    name = models.CharField(_("系列"), max_length=16, unique=True)
    last = models.PositiveIntegerField(_("最近的编号"), default=0)

    class Meta:
        verbose_name = _("编号系列")
        verbose_name_plural = _("编号系列")

    def __str__(self) -> str:
        return f"{self.name}-{self.last:06d}"

    @classmethod
    def take(cls, name: str) -> str:
        """Return the next number of a series, such as YT2026-000123; call inside a transaction."""
        series, _created = cls.objects.get_or_create(name=name)
        series = cls.objects.select_for_update().get(pk=series.pk)
        series.last += 1
        series.save(update_fields=["last"])
        return str(series)


def rules_default() -> dict[str, Any]:
    """Return the first rules of a live auction.

    Two keys are told apart by the kind of money; the rest are numbers:

    - `minimum_bidders`: fewer sign-ups end the need without an auction (public money 3, social 2);
    - `window_seconds`, `max_extensions`, `hard_end_seconds`: an improving bid in the window before the end moves
      the end to a window after it, at most so often and never later than so long after the planned end;
    - `standstill_working_days`: public notice of the proposed award;
    - `signup_working_days`: what owners are advised to leave for signing up;
    - `step_warning_percent`: a step above this part of the ceiling is pointed out to the owner;
    - `milestones`: the steps of the contract drawn up after the award, in percent of its amount.
    """
    return {
        "minimum_bidders": {"fiscal": 3, "state": 3, "social": 2},
        "standstill_working_days": {"fiscal": 2, "state": 2, "social": 1},
        "signup_working_days": 3,
        "window_seconds": 120,
        "max_extensions": 10,
        "hard_end_seconds": 3600,
        "step_warning_percent": 10,
        "milestones": [{"title": "提交成果初稿", "percent": 40}, {"title": "成果通过验收", "percent": 60}],
    }


class RuleSet(models.Model):
    """Be one version of the rules for a method and kind of money; `data` as in rules_default()."""

    method = models.CharField(_("选取方式"), max_length=20, choices=Method.choices)
    version = models.PositiveIntegerField(_("版本"))
    data = models.JSONField(_("规则"), default=dict)
    since = models.DateTimeField(_("自"))

    class Meta:
        verbose_name = _("选取规则")
        verbose_name_plural = _("选取规则")
        constraints = (models.UniqueConstraint(fields=("method", "version"), name="rule_set_version_once"),)

    def __str__(self) -> str:
        return f"{self.get_method_display()} v{self.version}"


class TenderQuerySet(models.QuerySet["Tender"]):
    def published(self) -> TenderQuerySet:
        """Keep what the public may see: all but drafts and drafts thrown away."""
        return self.filter(published_at__isnull=False)

    def for_cards(self) -> TenderQuerySet:
        """Fetch along what a row of a list shows."""
        return self.select_related("buyer", "service", "region")


class Tender(models.Model):
    """Be a need 采购需求; once published, its terms and rules stand still."""

    class MoneyKind(models.TextChoices):
        FISCAL = "fiscal", _("财政资金")
        STATE = "state", _("国有资金")
        SOCIAL = "social", _("社会资金")

    process = models.OneToOneField(Process, models.PROTECT, related_name="tender")
    number = models.CharField(_("编号"), max_length=32, unique=True)
    title = models.CharField(_("需求名称"), max_length=120)
    buyer = models.ForeignKey(Organization, models.PROTECT, related_name="tenders", verbose_name=_("项目业主"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    service = models.ForeignKey(ServiceCategory, models.PROTECT, related_name="tenders", verbose_name=_("中介服务"))
    project = models.ForeignKey(InvestmentProject, models.PROTECT, null=True, blank=True, related_name="tenders")
    case = models.ForeignKey(ApprovalCase, models.PROTECT, null=True, blank=True, related_name="tenders")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("服务地点"))
    method = models.CharField(_("选取方式"), max_length=20, choices=Method.choices, default=Method.LIVE_AUCTION)
    money_kind = models.CharField(_("资金性质"), max_length=8, choices=MoneyKind.choices)
    description = models.TextField(_("服务内容与要求"))
    delivery_days = models.PositiveIntegerField(_("服务时限（天）"))
    ceiling_fen = models.BigIntegerField(_("最高限价（分）"))
    step_fen = models.BigIntegerField(_("最小降价幅度（分）"))
    contact_name = models.CharField(_("联系人"), max_length=60)
    contact_phone = models.CharField(_("联系电话"), max_length=20)
    complaint_phone = models.CharField(_("投诉电话"), max_length=20)
    signup_ends_at = models.DateTimeField(_("报名截止"))
    auction_opens_at = models.DateTimeField(_("竞价开始"))
    auction_ends_at = models.DateTimeField(_("竞价结束（不延时的情况下）"))
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, null=True, blank=True, related_name="+")
    rules = models.JSONField(_("冻结的规则"), default=dict)
    status = models.CharField(_("状态"), max_length=10, choices=TenderStatus.choices, default=TenderStatus.DRAFT)
    failure_reason = models.CharField(_("未成交原因"), max_length=200, blank=True)

    objects = TenderQuerySet.as_manager()

    class Meta:
        verbose_name = _("采购需求")
        verbose_name_plural = _("采购需求")
        ordering = ("-published_at", "-pk")
        indexes = (
            models.Index(fields=("status", "signup_ends_at"), name="tender_due"),
            models.Index(fields=("-published_at", "-id"), name="tender_newest"),
            models.Index(fields=("status", "-published_at", "-id"), name="tender_by_status"),
            models.Index(fields=("service", "-published_at"), name="tender_by_service"),
            models.Index(fields=("region", "-published_at"), name="tender_by_region"),
            models.Index(fields=("signup_ends_at",), name="tender_ending"),
            models.Index(fields=("ceiling_fen",), name="tender_amount"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(ceiling_fen__gt=0, step_fen__gt=0), name="tender_money_positive"),
            models.CheckConstraint(condition=Q(step_fen__lt=F("ceiling_fen")), name="tender_step_below_ceiling"),
            models.CheckConstraint(
                condition=Q(signup_ends_at__lte=F("auction_opens_at"), auction_opens_at__lt=F("auction_ends_at")),
                name="tender_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "cancelled"]) | Q(published_at__isnull=False),
                name="tender_published_when_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("tenders:tender", args=[self.number])

    @property
    def mark(self) -> str:
        """Give the shape and color that the state's tag has."""
        return MARKS[TenderStatus(self.status)]


class TenderDocument(models.Model):
    """Be a file that belongs to a need."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="documents")
    name = models.CharField(_("文件名"), max_length=200)
    file = models.FileField(upload_to="tenders/%Y/")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    uploaded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("需求附件")
        verbose_name_plural = _("需求附件")

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """Be a question on a need, answered for all to read."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="questions")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("问题"))
    asked_at = models.DateTimeField()
    answer = models.TextField(_("答复"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("提问")
        verbose_name_plural = _("提问")
        ordering = ("-asked_at",)

    def __str__(self) -> str:
        return self.text[:40]
