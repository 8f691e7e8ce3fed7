"""Public notices 公示 of firms that enter with a qualification, and what others say against them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..states import PublicityObjectionStatus, PublicityStatus
from .organizations import Organization


class Publicity(models.Model):
    """Show the public for three working days what a firm wants to offer, and by which certificates; then it may trade.

    `shown` holds what stood in it: "services" and "certificates" (with the keys of the rows). From `held_at` an objection
    holds the clock, until it is dismissed.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="publicities")
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("截止"))
    status = models.CharField(_("状态"), max_length=10, choices=PublicityStatus.choices, default=PublicityStatus.OPEN)
    held_at = models.DateTimeField(_("暂缓时间"), null=True, blank=True)
    shown = models.JSONField(_("公示内容"), default=dict)

    class Meta:
        verbose_name = _("入驻公示")
        verbose_name_plural = _("入驻公示")
        ordering = ("-starts_at", "-pk")
        indexes = (models.Index(fields=("status", "ends_at"), name="publicity_due"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(held_at__isnull=True) | Q(status__in=("held", "failed")), name="publicity_held_at"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organization} {self.starts_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("parties:publicity", args=[self.pk])

    @property
    def certificate_keys(self) -> set[int]:
        """Give the keys of the firm's certificates that stood in it."""
        return {one["id"] for one in self.shown.get("certificates", ())}

    @property
    def practitioner_keys(self) -> set[int]:
        """Give the keys of the practitioners' certificates that stood in it."""
        return {one["id"] for one in self.shown.get("practitioners", ())}


class PublicityObjection(models.Model):
    """Be what somebody, signed in or not, says against a public notice, with the department's decision and its reason.

    Who it was (`name`, `phone`, `user`) is for those who decide (rules.may_see_objector); `objector`, whether a person or an
    organization spoke, is empty where nobody was asked.
    """

    class Objector(models.TextChoices):
        PERSON = "person", _("自然人")
        ORGANIZATION = "organization", _("法人或其他组织")

    publicity = models.ForeignKey(Publicity, models.CASCADE, related_name="objections")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    objector = models.CharField(_("异议人"), max_length=12, choices=Objector.choices, blank=True)
    name = models.CharField(_("姓名或单位名称"), max_length=60)
    phone = models.CharField(_("联系电话"), max_length=20)
    text = models.TextField(_("异议内容"))
    file = models.FileField(_("证明材料"), upload_to="objections/%Y/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    filed_at = models.DateTimeField(_("提出时间"))
    status = models.CharField(
        _("状态"), max_length=10, choices=PublicityObjectionStatus.choices, default=PublicityObjectionStatus.FILED
    )
    reason = models.TextField(_("处理意见"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("公示异议")
        verbose_name_plural = _("公示异议")
        ordering = ("filed_at", "pk")

    def __str__(self) -> str:
        return f"{self.publicity} #{self.pk}"
