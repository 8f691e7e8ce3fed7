"""What parties are told: welcome, the outcome of checks, suspensions; and files that nobody came back for."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.moments import until as until_words

from ..actions import notify_organization
from ..models import Organization

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
            body = _("不要求资质的服务已经可以承接；要求资质的，核验后公示 3 个工作日即可承接。有合适的需求会告诉您。")
        notify_organization(
            organization=organization, title=title, body=body, url=url, key=f"entered-{event.pk}", now=event.at
        )


@on("qualification_confirmed", "qualification_refused", "qualification_ended", "qualification_renewed")
def tell_outcome(event: Event) -> None:
    """Tell the firm how its certificate fared and what follows."""
    organization = Organization.objects.get(pk=str(event.organization_id))
    with translation.override(LANGUAGE):
        what = {"what": f"{event.data['kind_name']} {event.data['grade']}".strip(), "note": event.data["note"]}
        if event.name == "qualification_confirmed":
            title = _("资质核验通过：%(what)s") % what
            body = _("凭这份资质承接的服务，公示过的已经恢复，第一次承接的公示 3 个工作日后开通。")
        elif event.name == "qualification_renewed":
            title = _("资质已更新：%(what)s") % what
            body = _("凭它承接的服务已经恢复。")
        elif event.name == "qualification_refused":
            title = _("资质核验没有通过：%(what)s") % what
            body = _("原因：%(note)s。改正后可以重新申报。") % what
        else:
            title = _("资质已失效：%(what)s") % what
            body = _("凭它承接的服务已暂停，换发新证书后自动恢复；证照库里没有的，请重新申报。")
            if event.data["note"]:
                body = _("原因：%(note)s。") % what + body
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
