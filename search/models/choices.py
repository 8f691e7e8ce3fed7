"""What a firm chose about being told of needs that fit it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import ServiceCategory
from marketplace.parties.models import Organization


class NeedsChoice(models.Model):
    """Say whether, and whether by mail too, a firm is told of needs that fit it; without a row it is told, by mail too.

    Mail goes to those of its people who left an address for that; this switches it off for the firm.
    """

    organization = models.OneToOneField(Organization, models.CASCADE, related_name="needs_choice")
    is_muted = models.BooleanField(_("不再告知"), default=False)
    by_mail = models.BooleanField(_("同时发邮件"), default=True)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("需求告知选择")
        verbose_name_plural = _("需求告知选择")

    def __str__(self) -> str:
        return f"{self.organization}"


class MutedService(models.Model):
    """Name a service of whose needs a firm is not told."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="muted_services")
    service = models.ForeignKey(ServiceCategory, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("不再告知的服务")
        verbose_name_plural = _("不再告知的服务")
        constraints = (models.UniqueConstraint(fields=("organization", "service"), name="muted_service_once"),)

    def __str__(self) -> str:
        return f"{self.organization} · {self.service}"
