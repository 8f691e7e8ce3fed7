"""Awards and objections."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.bidding.models import Bidder
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender

from .states import AwardStatus, ObjectionStatus, SelectionStatus


class Selection(models.Model):
    """Be the choice among a need's firms, from the commitment to its seed to its ranking; all that a replay needs.

    `commitment` is published with the need; `secret` stands here only after it was revealed, before that it lies in the
    safe. `pool` is the list of firms frozen at the end of the sign-up, in the form of draw.pool_hash; `pool_hash` is published
    at once, the list itself with the names. `inputs`, `seed` and `result` are what methods.rank() took and gave.
    `judging_ends_at` is until when people score or pick. `beacon` is {"source", "round", "value"}, the value empty until it is
    public.
    """

    tender = models.OneToOneField(Tender, models.PROTECT, related_name="selection")
    status = models.CharField(_("状态"), max_length=10, choices=SelectionStatus, default=SelectionStatus.COMMITTED)
    commitment = models.CharField(_("种子承诺值"), max_length=64)
    secret = models.CharField(_("公布的密值"), max_length=64, blank=True)
    beacon = models.JSONField(_("公共随机源"), default=dict)
    salt = models.CharField(max_length=64, blank=True)
    pool = models.JSONField(_("名单"), default=list)
    pool_hash = models.CharField(_("名单哈希"), max_length=64, blank=True)
    inputs = models.JSONField(_("输入"), default=dict)
    seed = models.CharField(_("种子"), max_length=64, blank=True)
    result = models.JSONField(_("结果"), default=dict)
    picked = models.ForeignKey(Bidder, models.PROTECT, null=True, blank=True, related_name="+")
    pick_reason = models.CharField(_("择优理由"), max_length=500, blank=True)
    committed_at = models.DateTimeField(_("承诺时间"))
    drawn_at = models.DateTimeField(_("公布种子的时间"), null=True, blank=True)
    judging_ends_at = models.DateTimeField(_("评审截止"), null=True, blank=True)
    decided_at = models.DateTimeField(_("产生结果的时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("选取")
        verbose_name_plural = _("选取")
        indexes = (models.Index(fields=("status", "judging_ends_at"), name="selection_due"),)

    def __str__(self) -> str:
        return f"{self.tender.number} {self.get_status_display()}"


class Scorer(models.Model):
    """Be a person who scores offers by their labels, without seeing names, prices or the others' scores."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="scorers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(_("姓名"), max_length=60)
    workplace = models.CharField(_("工作单位"), max_length=120, blank=True)
    appointed_at = models.DateTimeField(_("邀请时间"))
    declared_at = models.DateTimeField(_("声明无利害关系的时间"), null=True, blank=True)
    locked_at = models.DateTimeField(_("评分锁定时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("评审人员")
        verbose_name_plural = _("评审人员")
        constraints = (models.UniqueConstraint(fields=("tender", "user"), name="scorer_once"),)

    def __str__(self) -> str:
        return self.name


class Score(models.Model):
    """Be the points of one scorer for one firm by one criterion, in hundredths of a point."""

    scorer = models.ForeignKey(Scorer, models.CASCADE, related_name="scores")
    bidder = models.ForeignKey(Bidder, models.PROTECT, related_name="+")
    criterion = models.CharField(max_length=20)
    hundredths = models.PositiveIntegerField(_("得分（百分之一分）"))
    comment = models.CharField(_("评语"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("评分")
        verbose_name_plural = _("评分")
        constraints = (models.UniqueConstraint(fields=("scorer", "bidder", "criterion"), name="score_once"),)

    def __str__(self) -> str:
        return f"{self.criterion} {self.hundredths / 100:.2f}"


class Award(models.Model):
    """Be the firm that a choice proposes, by its rank there; standing still until `standstill_ends_at`.

    While an objection is open the clock stands since `clock_stopped_at`, and the rest of the standstill runs again after it
    is dismissed. `accepted_at` is when the firm said that it takes the work on; where the rules ask for that it has until
    `accept_ends_at`. An award that ended (`end_reason`) makes room for the next rank.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="awards")
    selection = models.ForeignKey(Selection, models.PROTECT, related_name="awards")
    rank = models.PositiveIntegerField(_("名次"), default=1)
    bidder = models.ForeignKey(Bidder, models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="awards", verbose_name=_("中选机构"))
    amount_fen = models.BigIntegerField(_("中选金额（分）"))
    status = models.CharField(_("状态"), max_length=10, choices=AwardStatus, default=AwardStatus.STANDSTILL)
    proposed_at = models.DateTimeField(_("公示开始"))
    standstill_ends_at = models.DateTimeField(_("公示结束"))
    clock_stopped_at = models.DateTimeField(_("公示中止"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("机构确认时间"), null=True, blank=True)
    accept_ends_at = models.DateTimeField(_("机构确认截止"), null=True, blank=True)
    end_reason = models.CharField(_("终止原因"), max_length=200, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("中选结果")
        verbose_name_plural = _("中选结果")
        ordering = ("-proposed_at",)
        indexes = (
            models.Index(fields=("status", "standstill_ends_at"), name="award_due"),
            models.Index(fields=("status", "accept_ends_at"), name="award_acceptance_due"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("tender",), condition=~Q(status__in=["revoked", "declined", "lapsed"]), name="award_once"
            ),
            models.UniqueConstraint(fields=("tender", "rank"), name="award_rank_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="award_positive"),
            models.CheckConstraint(
                condition=~Q(status="objected") | Q(clock_stopped_at__isnull=False), name="award_clock_stopped"
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(confirmed_at__isnull=False), name="award_confirmed_when"
            ),
        )

    def __str__(self) -> str:
        return f"{self.tender.number} → {self.organization}"

    def get_absolute_url(self) -> str:
        return reverse("awards:award", args=[self.pk])


class Objection(models.Model):
    """Be a reasoned objection 异议 to an award; it stops the clock until it is decided."""

    award = models.ForeignKey(Award, models.CASCADE, related_name="objections")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("异议内容"))
    at = models.DateTimeField()
    status = models.CharField(_("状态"), max_length=10, choices=ObjectionStatus, default=ObjectionStatus.OPEN)
    decision = models.TextField(_("处理意见"), blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ("-at",)
        constraints = (
            models.UniqueConstraint(
                fields=("award", "organization"), condition=Q(status="open"), name="objection_open_once"
            ),
        )

    def __str__(self) -> str:
        return self.text[:40]
