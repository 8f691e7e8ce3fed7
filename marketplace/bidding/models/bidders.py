"""Firms signed up for a need."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender

from ..states import BidderStatus


class Bidder(models.Model):
    """Be a firm signed up for a need. `label` is its random name there; who it is stays masked until the award.

    `nonce` is what the firm throws into the seed of the draw, if it wants to; fixed at the end of the sign-up. `ready_at` is when it
    said, in the minutes before the auction, that it has seen clock and rules.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="bidders")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="bidders")
    label = models.CharField(_("代号"), max_length=8)
    status = models.CharField(_("状态"), max_length=10, choices=BidderStatus.choices, default=BidderStatus.ACTIVE)
    signed_up_at = models.DateTimeField(_("报名时间"))
    signed_up_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    nonce = models.CharField(_("随机数"), max_length=64, blank=True)
    ready_at = models.DateTimeField(_("准备就绪"), null=True, blank=True)
    reason = models.CharField(_("剔除原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("报名")
        verbose_name_plural = _("报名")
        constraints = (
            models.UniqueConstraint(fields=("tender", "organization"), name="bidder_once"),
            models.UniqueConstraint(fields=("tender", "label"), name="bidder_label_once"),
        )

    def __str__(self) -> str:
        return f"{self.label} {self.organization}"
