"""The live auction of a need."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.tenders.models import AuctionDirection, AuctionMode, Tender

from ..engine import Direction, Mode, Terms
from ..states import AuctionStatus
from .bidders import Bidder

PREVIEW = timedelta(minutes=5)


class Auction(models.Model):
    """Be the live auction of a need: its clock, its price, its leader; the row under whose lock bids are decided.

    `ends_at` is the effective end, moved only by an accepted bid (soft close), by a pause and by a technical failure; a bid
    never moves it beyond `hard_ends_at`. `ceiling_fen` is the start price, in an auction that goes up the lowest one.
    `called_at` is when its firms were told that the preview has begun.
    `turns_from` is from when the schedule of a turn-based auction counts, `round` its newest round, `order` the labels in it, and
    `next_round_at` when the next one begins.
    """

    tender = models.OneToOneField(Tender, models.PROTECT, related_name="auction")
    status = models.CharField(_("状态"), max_length=10, choices=AuctionStatus, default=AuctionStatus.SCHEDULED)
    mode = models.CharField(_("竞价模式"), max_length=8, choices=AuctionMode, default=AuctionMode.OPEN)
    direction = models.CharField(_("竞价方向"), max_length=4, choices=AuctionDirection, default=AuctionDirection.DOWN)
    sealed_first = models.BooleanField(_("先密封报价"), default=False)
    opens_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    hard_ends_at = models.DateTimeField(_("最晚结束"))
    ceiling_fen = models.BigIntegerField(_("最高限价（分）"))
    step_fen = models.BigIntegerField(_("最小降价幅度（分）"))
    window_seconds = models.PositiveIntegerField(_("延时窗口（秒）"))
    max_extensions = models.PositiveIntegerField(_("最多延时次数"))
    extensions = models.PositiveIntegerField(_("已延时次数"), default=0)
    sequence = models.PositiveIntegerField(_("报价次数"), default=0)
    best_fen = models.BigIntegerField(_("最优报价（分）"), null=True, blank=True)
    leader = models.ForeignKey(Bidder, models.PROTECT, null=True, blank=True, related_name="+")
    paused_at = models.DateTimeField(_("暂停时间"), null=True, blank=True)
    called_at = models.DateTimeField(_("提醒就绪"), null=True, blank=True)
    turns_from = models.DateTimeField(null=True, blank=True)
    round = models.PositiveSmallIntegerField(_("轮次"), default=0)
    order = models.JSONField(default=list, blank=True)
    next_round_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("竞价")
        verbose_name_plural = _("竞价")
        ordering = ("opens_at",)
        indexes = (models.Index(fields=("status", "ends_at"), name="auction_due"),)
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__lte=F("hard_ends_at")), name="auction_end_capped"),
            models.CheckConstraint(
                condition=Q(best_fen__isnull=True, leader__isnull=True)
                | Q(direction="down", best_fen__lte=F("ceiling_fen"), leader__isnull=False, sequence__gt=0)
                | Q(direction="up", best_fen__gte=F("ceiling_fen"), leader__isnull=False, sequence__gt=0),
                name="auction_price_has_leader",
            ),
            models.CheckConstraint(
                condition=Q(status="paused", paused_at__isnull=False) | ~Q(status="paused") & Q(paused_at__isnull=True),
                name="auction_paused_since",
            ),
        )

    def __str__(self) -> str:
        return f"{self.tender.number} {self.get_status_display()}"

    def get_absolute_url(self) -> str:
        return reverse("bidding:room", args=[self.tender.number])

    @property
    def terms(self) -> Terms:
        """Give the terms as the engine takes them; what is no column of its own stands in the need's frozen rules."""
        rules = self.tender.rules
        return Terms(
            ceiling_fen=self.ceiling_fen,
            step_fen=self.step_fen,
            window_seconds=self.window_seconds,
            max_extensions=self.max_extensions,
            mode=Mode(self.mode),
            direction=Direction(self.direction),
            leader_may_improve=bool(rules.get("leader_may_improve", False)),
            confirm_drop_percent=int(rules.get("confirm_drop_percent", 10)),
            floor_fen=self.tender.floor_fen,
        )

    @property
    def keeps_amounts(self) -> bool:
        """Tell whether amounts and labels are the firms' own yet: in bidding by rank until the close; one that failed keeps them."""
        return self.mode == AuctionMode.RANK and self.status != AuctionStatus.CLOSED

    @property
    def preview_at(self) -> datetime:
        """Give when the preview begins, in which firms check clock and rules and say that they are ready (rule R10)."""
        return self.opens_at - PREVIEW

    @property
    def is_running(self) -> bool:
        """Tell whether the auction has begun and is not over, paused or not."""
        return self.status in {AuctionStatus.OPEN, AuctionStatus.PAUSED}

    @property
    def next_legal_fen(self) -> int:
        """Give the least improvement on the best bid that counts, never below 0: what the form is filled in with."""
        return max(self.terms.next_legal(self.best_fen), 0)

    @property
    def fall_fen(self) -> int:
        """Give how far the price has moved from the start, in the auction's direction."""
        return 0 if self.best_fen is None else abs(self.ceiling_fen - self.best_fen)
