"""Spot checks: the draw is held at its hour, and the firm hears that it was drawn and how it went."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.core.worker import due

from ..actions import draw_round, notify_organization
from ..models import Organization, SpotCheckRound
from .messages import LANGUAGE


@due("spot_checks")
def draw_rounds(now: datetime) -> int:
    """Hold the draws whose hour has come."""
    done = 0
    for row in SpotCheckRound.objects.filter(drawn_at=None, draws_at__lte=now).order_by("pk"):
        try:
            draw_round(round=row, now=now)
        except Refused:  # another worker was faster; what the safe lacks the desk shows
            continue
        done += 1
    return done


@on("spot_check_ordered", "spot_check_passed", "spot_check_failed")
def tell_check(event: Event) -> None:
    """Tell the firm that it was drawn, or what was found."""
    organization = Organization.objects.get(pk=str(event.organization_id))
    with translation.override(LANGUAGE):
        if event.name == "spot_check_ordered":
            title = _("贵机构被抽中接受事后抽查")
            body = _("由公开的随机种子抽取。请备好入驻时所报资料的原件，管理机构会与您联系。")
        elif event.name == "spot_check_passed":
            title, body = _("抽查合格"), _("检查情况：%(findings)s") % event.data
        else:
            title, body = _("抽查发现问题"), _("检查情况：%(findings)s") % event.data
        notify_organization(
            organization=organization,
            title=title,
            body=body,
            url=organization.get_absolute_url(),
            key=f"spot-check-{event.pk}",
            now=event.at,
        )
