"""The need itself; once published, its terms change by an announced amendment only, and its rules not at all."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core.models import Process
from marketplace.parties.models import Organization
from marketplace.projects.models import ApprovalCase, InvestmentProject

from ..states import TenderStatus
from .choices import FIXED_PRICE, NAMED, SEALED, AuctionDirection, AuctionMode, Method, MoneyKind
from .rule_sets import RuleSet

MARKS = {
    TenderStatus.DRAFT: "waiting",
    TenderStatus.OPEN: "open",
    TenderStatus.SELECTING: "open",
    TenderStatus.AWARDED: "waiting",
    TenderStatus.CONTRACTED: "open",
    TenderStatus.COMPLETED: "done",
    TenderStatus.FAILED: "danger",
    TenderStatus.CANCELLED: "neutral",
    TenderStatus.VOID: "neutral",
    TenderStatus.SCRAPPED: "neutral",
}


class TenderQuerySet(models.QuerySet["Tender"]):
    def published(self) -> TenderQuerySet:
        """Keep what the public may see: all but drafts and drafts thrown away."""
        return self.filter(published_at__isnull=False)

    def for_cards(self) -> TenderQuerySet:
        """Fetch along what a row of a list shows."""
        return self.select_related("buyer", "service", "region")


class Tender(models.Model):
    """Be a need 采购需求.

    `ceiling_fen` is the highest price that an offer may have, or, where the owner fixes the price (choices.FIXED_PRICE), the
    price itself. With `price_kind` discount firms offer a 下浮率 off it. `selection_at` is when bidding opens, sealed offers
    are opened, or the draw is held. `former` is the need that this one posts again. Names and prices are public from
    `disclosed_at` on.
    """

    MoneyKind = MoneyKind

    class PriceKind(models.TextChoices):
        AMOUNT = "amount", _("金额")
        DISCOUNT = "discount", _("下浮率")

    class ServicesRule(models.TextChoices):
        ALL = "all", _("须能承接全部服务")
        ANY = "any", _("能承接其中一项即可")

    class Ground(models.TextChoices):
        """Why an owner may name the firm itself (domain facts 1.4)."""

        SMALL = "small", _("低于直接选取限额")
        TWICE_FAILED = "twice_failed", _("公开选取两次未成交")
        CONTINUITY = "continuity", _("须保持原有服务的连续性")
        URGENT = "urgent", _("情况紧急")

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
    more_services = models.ManyToManyField(
        ServiceCategory, blank=True, related_name="further_tenders", verbose_name=_("其他服务")
    )
    services_rule = models.CharField(max_length=3, choices=ServicesRule.choices, default=ServicesRule.ALL)
    money_kind = models.CharField(_("资金性质"), max_length=8, choices=MoneyKind.choices)
    fiscal_percent = models.PositiveSmallIntegerField(_("财政资金占比（%）"), default=0)
    description = models.TextField(_("服务内容与要求"))
    delivery_days = models.PositiveIntegerField(_("服务时限（天）"))
    price_kind = models.CharField(_("报价形式"), max_length=8, choices=PriceKind.choices, default=PriceKind.AMOUNT)
    ceiling_fen = models.BigIntegerField(_("最高限价（分）"))
    floor_fen = models.BigIntegerField(_("最低限价（分）"), null=True, blank=True)
    step_fen = models.BigIntegerField(_("最小降价幅度（分）"), null=True, blank=True)
    auction_mode = models.CharField(_("竞价模式"), max_length=8, choices=AuctionMode, default=AuctionMode.OPEN)
    auction_direction = models.CharField(
        _("竞价方向"), max_length=4, choices=AuctionDirection, default=AuctionDirection.DOWN
    )
    requirement = models.TextField(_("对机构的其他要求"), blank=True)
    minimum_credit = models.PositiveSmallIntegerField(_("最低信用分"), default=0)
    place = models.CharField(_("详细地点"), max_length=200, blank=True)
    local_code = models.CharField(_("采购项目编码"), max_length=40, blank=True)
    is_urgent = models.BooleanField(_("紧急"), default=False)
    criteria = models.JSONField(_("评审标准"), default=list, blank=True)
    chosen_firm = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("拟选机构")
    )
    ground = models.CharField(_("直接选取的情形"), max_length=16, choices=Ground.choices, blank=True)
    ground_reason = models.TextField(_("理由"), blank=True)
    happened_at = models.DateTimeField(_("应急服务开始时间"), null=True, blank=True)
    contact_name = models.CharField(_("联系人"), max_length=60)
    contact_phone = models.CharField(_("联系电话"), max_length=20)
    complaint_phone = models.CharField(_("投诉电话"), max_length=20)
    signup_ends_at = models.DateTimeField(_("报名截止"))
    selection_at = models.DateTimeField(_("选取时间"))
    auction_ends_at = models.DateTimeField(_("竞价结束（不延时的情况下）"), null=True, blank=True)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, null=True, blank=True, related_name="+")
    rules = models.JSONField(_("冻结的规则"), default=dict)
    status = models.CharField(_("状态"), max_length=10, choices=TenderStatus.choices, default=TenderStatus.DRAFT)
    failure_reason = models.CharField(_("未成交原因"), max_length=200, blank=True)
    former = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="successors")
    extensions = models.PositiveSmallIntegerField(_("报名延长次数"), default=0)
    disclosed_at = models.DateTimeField(_("名称与报价公开时间"), null=True, blank=True)

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
            models.CheckConstraint(condition=Q(ceiling_fen__gt=0), name="tender_ceiling_positive"),
            models.CheckConstraint(
                condition=Q(floor_fen__isnull=True) | Q(floor_fen__gt=0, floor_fen__lte=F("ceiling_fen")),
                name="tender_floor_below_ceiling",
            ),
            models.CheckConstraint(condition=Q(fiscal_percent__lte=100), name="tender_fiscal_percent"),
            models.CheckConstraint(
                condition=Q(fiscal_percent=0) | Q(money_kind=MoneyKind.FISCAL), name="tender_fiscal_money_is_fiscal"
            ),
            models.CheckConstraint(condition=Q(signup_ends_at__lte=F("selection_at")), name="tender_times_in_order"),
            models.CheckConstraint(
                condition=~Q(method=Method.LIVE_AUCTION)
                | Q(
                    step_fen__gt=0,
                    step_fen__lt=F("ceiling_fen"),
                    auction_ends_at__isnull=False,
                    selection_at__lt=F("auction_ends_at"),
                ),
                name="tender_auction_has_step_and_end",
            ),
            models.CheckConstraint(
                condition=~Q(method__in=[Method.DIRECT, Method.EMERGENCY])
                | Q(status="draft")
                | Q(published_at__isnull=True)
                | Q(chosen_firm__isnull=False),
                name="tender_named_firm",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "cancelled"]) | Q(published_at__isnull=False),
                name="tender_published_when_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_sealed(self) -> bool:
        """Tell whether firms hand in sealed offers: to be chosen by, or as the first stage of live bidding."""
        return self.method in SEALED or bool(self.rules.get("sealed_first", False))

    @property
    def is_named(self) -> bool:
        """Tell whether the owner names the firm and nobody signs up."""
        return self.method in NAMED

    @property
    def has_fixed_price(self) -> bool:
        """Tell whether the owner fixes the price."""
        return self.method in FIXED_PRICE

    @property
    def is_upward(self) -> bool:
        """Tell whether the highest price wins: the owner sells a right by live bidding, and the firm pays."""
        return self.method == Method.LIVE_AUCTION and self.auction_direction == AuctionDirection.UP

    @property
    def ceiling_label(self) -> str:
        """Name what `ceiling_fen` is here."""
        if self.has_fixed_price:
            return gettext("服务价格")
        return gettext("起始价") if self.is_upward else gettext("最高限价")

    @property
    def method_label(self) -> str:
        """Name the way to select; what live bidding looks for depends on its direction."""
        return gettext("在线竞价（最高价）") if self.is_upward else str(self.get_method_display())

    @property
    def social_percent(self) -> int:
        """Give the share of money that is not fiscal, in percent."""
        return 100 - self.fiscal_percent

    def get_absolute_url(self) -> str:
        return reverse("tenders:tender", args=[self.number])

    @property
    def mark(self) -> str:
        """Give the shape and color that the state's tag has."""
        return MARKS[TenderStatus(self.status)]
