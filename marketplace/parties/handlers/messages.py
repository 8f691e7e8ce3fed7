"""Reactions of parties: welcome, the outcome of checks, suspensions, certificates that end."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.moments import until as until_words
from marketplace.core.refusals import Refused
from marketplace.core.worker import due

from ..actions import end_qualification, notify_organization, restore_organization
from ..models import Organization
from ..queries import ended_suspensions, expired_qualifications, expiring_qualifications

LANGUAGE = "zh-hans"  # messages are kept in the language of the marketplace


@on("organization_entered")
def welcome(event: Event) -> None:
    """Tell the new party what it can do now."""
    organization = Organization.objects.get(pk=str(event.organization_id))
    with translation.override(LANGUAGE):
        if event.data["role"] == "buyer":
            title, url = _("业主登记已完成，可以发布需求了"), reverse("process:desk")
            body = _("在工作台选择“发布需求”，填写项目代码即可从审批平台取得项目。")
        else:
            title, url = _("入驻已完成"), reverse("parties:my_firm")
            body = _("不要求资质的服务已经可以承接；要求资质的，核验通过后自动开通。有合适的需求会告诉您。")
        notify_organization(
            organization=organization, title=title, body=body, url=url, key=f"entered-{event.pk}", now=event.at
        )


@on("qualification_confirmed", "qualification_refused", "qualification_ended")
def tell_outcome(event: Event) -> None:
    """Tell the firm how its certificate fared and what follows."""
    organization = Organization.objects.get(pk=str(event.organization_id))
    with translation.override(LANGUAGE):
        what = {"what": f"{event.data['kind_name']} {event.data['grade']}".strip(), "note": event.data["note"]}
        if event.name == "qualification_confirmed":
            title = _("资质核验通过：%(what)s") % what
            body = _("凭这份资质承接的服务已经开通。")
        elif event.name == "qualification_refused":
            title = _("资质核验没有通过：%(what)s") % what
            body = _("原因：%(note)s。改正后可以重新申报。") % what
        else:
            title = _("资质已失效：%(what)s") % what
            body = _("凭它承接的服务已暂停，申报新证书并通过核验后自动恢复。")
        notify_organization(
            organization=organization,
            title=title,
            body=body,
            url=reverse("parties:my_firm"),
            key=f"qualification-{event.pk}",
            now=event.at,
        )


@on("organization_suspended", "suspension_prolonged", "organization_restored")
def tell_suspension(event: Event) -> None:
    """Tell the party that it may not take business on, why and until when, and when it may again."""
    organization = Organization.objects.get(pk=str(event.organization_id))
    with translation.override(LANGUAGE):
        body = _("原因：%(reason)s。") % event.data
        if event.name == "organization_restored":
            title = _("已恢复承接业务")
        elif ends_at := event.data.get("ends_at"):
            until = until_words(datetime.fromisoformat(ends_at))
            title = _("暂停承接业务到 %(until)s") % {"until": until}
            body += _("到期自动恢复；已签的合同继续履行。")
        else:
            title = _("已暂停承接业务")
            body += _("已签的合同继续履行。整改后请联系平台管理机构恢复。")
        notify_organization(
            organization=organization,
            title=title,
            body=body,
            url=organization.get_absolute_url(),
            key=f"suspension-{event.pk}",
            now=event.at,
        )


@due("suspensions")
def end_suspensions(now: datetime) -> int:
    """Restore the parties whose suspension has reached its end."""
    done = 0
    for organization in ended_suspensions(now).select_related("process"):
        try:
            restore_organization(organization=organization, reason="暂停期满", by=None, now=now)
        except Refused:  # another worker was faster, or it was prolonged meanwhile
            continue
        done += 1
    return done


@due("qualifications")
def end_expired(now: datetime) -> int:
    """End certificates whose last day has passed, and remind of those that end within thirty days, once each."""
    done = 0
    for qualification in expired_qualifications(now):
        try:
            end_qualification(qualification=qualification, now=now)
        except Refused:  # another worker was faster
            continue
        done += 1
    for qualification in expiring_qualifications(now):
        with translation.override(LANGUAGE):
            made = notify_organization(
                organization=qualification.organization,
                title=_("%(what)s 将于 %(date)s 到期")
                % {"what": str(qualification), "date": f"{qualification.valid_until:%Y-%m-%d}"},
                body=_("到期后凭它承接的服务会暂停。换发新证后请在“我的机构”申报。"),
                url=reverse("parties:my_firm"),
                key=f"expiring-{qualification.pk}-{qualification.valid_until}",
                now=now,
            )
        done += sum(message.created_at == now for message in made)
    return done
