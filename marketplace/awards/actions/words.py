"""Messages to those whom an award concerns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from marketplace.bidding.models import Bidder
from marketplace.core.moments import until as until_words
from marketplace.core.money import format_yuan
from marketplace.parties.actions import notify_organization, notify_organizations
from marketplace.parties.models import Organization
from marketplace.tenders.models import NAMED, Tender

from ..models import Award


def tell_proposal(award: Award, tender: Tender, bidders: Iterable[Bidder], now: datetime) -> None:
    """Tell the chosen firm, the others and the owner who is proposed and until when one may object."""
    until = until_words(award.standstill_ends_at)
    values = {
        "title": tender.title,
        "until": until,
        "amount": format_yuan(award.amount_fen),
        "firm": award.organization,
    }
    asks = int(tender.rules.get("acceptance_working_days", 0)) > 0
    notes = []
    for bidder in bidders:
        if bidder.pk == award.bidder_id:
            title = _("您被选中：%(title)s") % values
            body = _("中选金额 %(amount)s 元。结果公示到 %(until)s，期满没有异议即确认中选，并起草合同。") % values
            if asks:
                body = _("%(body)s%(more)s") % {"body": body, "more": _("请尽快在结果页上确认承接；不确认视为放弃。")}
        else:
            title = _("结果已公示：%(title)s") % values
            body = _("%(firm)s 以 %(amount)s 元被选中。如有异议，请在 %(until)s 前提出并说明理由。") % values
        notes.append((bidder.organization, title, body))
    title = _("选取结果已公示：%(title)s") % values
    if tender.method in NAMED:
        title = _("选取结果已登记：%(title)s") % values
    body = _("%(firm)s 以 %(amount)s 元被选中，公示到 %(until)s。期满没有异议，平台会自动确认并起草合同。") % values
    notes.append((tender.buyer, title, body))
    notify_organizations(notes=notes, url=award.get_absolute_url(), key=f"award-{award.pk}-proposed", now=now)


def tell_accepting(award: Award, tender: Tender, now: datetime) -> None:
    """Ask the chosen firm for its word."""
    assert award.accept_ends_at is not None
    values = {"title": tender.title, "until": until_words(award.accept_ends_at)}
    title = _("请确认承接：%(title)s") % values
    body = _("公示已结束。请在 %(until)s 前确认承接；逾期视为放弃。") % values
    if tender.method not in NAMED:
        more = _("放弃后由下一名递补，并记入贵机构的信用。")
        body = _("%(body)s%(more)s") % {"body": body, "more": more}
    _tell(award, award.organization, title, body, "accepting", now)


def tell_confirmed(award: Award, tender: Tender, now: datetime) -> None:
    """Tell both sides that the award is confirmed."""
    values = {"title": tender.title, "amount": format_yuan(award.amount_fen)}
    title = _("中选结果已确认：%(title)s") % values
    body = _("公示期满，中选金额 %(amount)s 元。下一步由业主核对合同并发出签订。") % values
    for organization in (tender.buyer, award.organization):
        _tell(award, organization, title, body, "confirmed", now)


def tell_ended(award: Award, tender: Tender, now: datetime) -> None:
    """Tell both sides that the firm gave the work up, or did not answer."""
    values = {"title": tender.title, "firm": award.organization.name, "reason": award.end_reason}
    title = _("中选机构放弃：%(title)s") % values
    body = _("%(firm)s：%(reason)s。按规则由下一名递补；没有可以递补的，本次采购终止。") % values
    for organization in (tender.buyer, award.organization):
        _tell(award, organization, title, body, "ended", now)


def _tell(award: Award, organization: Organization, title: str, body: str, what: str, now: datetime) -> None:
    notify_organization(
        organization=organization,
        title=title,
        body=body,
        url=award.get_absolute_url(),
        key=f"award-{award.pk}-{what}",
        now=now,
    )
