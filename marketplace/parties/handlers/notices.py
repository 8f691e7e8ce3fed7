"""Public notices: the firm hears of each step; the worker ends what is over and opens what waited for the calendar."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.moments import until as until_words
from marketplace.core.refusals import Refused
from marketplace.core.worker import due, in_own_order

from ..actions import announce_offerings, end_publicity, notify_organization
from ..models import Membership, Publicity
from ..queries import due_publicities, waiting_for_notice
from .messages import LANGUAGE


@on(
    "publicity_opened",
    "publicity_passed",
    "publicity_objected",
    "publicity_objection_dismissed",
    "publicity_objection_upheld",
)
def tell_notice(event: Event) -> None:
    """Tell the firm how its public notice stands, and what follows."""
    notice = Publicity.objects.select_related("organization").get(pk=event.data["publicity"])
    with translation.override(LANGUAGE):
        if event.name == "publicity_opened":
            ends_at = datetime.fromisoformat(event.data["ends_at"])
            title = _("资质已核验，正在公示到 %(until)s") % {"until": until_words(ends_at)}
            body = _("公示期间没有异议的，到期自动可以承接。")
        elif event.name == "publicity_passed":
            title, body = _("公示结束，可以承接了"), _("有合适的需求会马上告诉您。")
        elif event.name == "publicity_objected":
            title = _("公示期间有人提出异议")
            body = _("公示暂缓，管理机构核实后继续或者终止，结果会告诉您。")
        elif event.name == "publicity_objection_dismissed":
            title = _("公示异议不成立")
            body = _("处理意见：%(reason)s。") % event.data
            if ends_at := event.data.get("ends_at"):
                body += _("公示继续到 %(until)s。") % {"until": until_words(datetime.fromisoformat(ends_at))}
        else:
            title = _("公示异议成立，所公示的服务不能承接")
            body = _("处理意见：%(reason)s。取得新的资质后可以重新公示。") % event.data
        notify_organization(
            organization=notice.organization,
            title=title,
            body=body,
            url=notice.get_absolute_url(),
            key=f"publicity-{event.pk}",
            power=Membership.Power.PROFILE,
            now=event.at,
        )


@due("publicities")
def end_publicities(now: datetime) -> int:
    """End the notices whose days are over; once an hour try again what waited for the calendar of a new year."""
    done = 0
    for publicity in in_own_order(due_publicities(now)):
        try:
            end_publicity(publicity=publicity, now=now)
        except Refused:  # another worker was faster, or an objection came
            continue
        done += 1
    if cache.add("offerings-wait-for-notice", 1, 3600):
        for organization in waiting_for_notice():
            done += len(announce_offerings(organization=organization, now=now))
    return done
