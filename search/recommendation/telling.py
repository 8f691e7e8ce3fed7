"""Telling 主动服务: a firm is told once of a need that fits it, with the reasons; told, not asked."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.moments import until
from marketplace.parties.actions import notify_organizations
from marketplace.parties.models import Membership
from marketplace.tenders.models import Tender
from marketplace.tenders.queries import facts_in_words
from marketplace.tenders.rules import services_of
from search.models import MutedService, NeedsChoice

from .fits import every_fit


@on("tender_published")
def tell_fitting_firms(event: Event) -> None:
    """Tell the firms that a published need fits, each person once, by the site and, unless the firm said no, by mail.

    Left out are firms that the owner names or invites (tenders tells those), and firms that muted needs, or all the services
    of this one. All are told in the one transaction of the delivery, so a replay finds them told by the message's key, which is
    the need's as it was when the tenders chapter told of it.
    """
    tender = Tender.objects.select_related("service", "buyer").get(pk=event.subject_id)
    if tender.is_named:
        return
    muted, without_mail = _silent(tender)
    invited = tender.invitations.values_list("organization", flat=True)
    key = f"tender-{tender.pk}"
    told = Membership.objects.filter(user__messages__key=key).values_list("organization", flat=True)
    title = _("有适合您的采购需求：%(title)s") % {"title": tender.title}
    facts = facts_in_words(tender) + _("%(until)s 前可以报名。") % {"until": until(tender.signup_ends_at)}
    end = _("在“适合您的采购”里，可以选择不再告知哪些服务的需求。")
    for fits in every_fit(tender, skipped={*muted, *invited, *told}):
        for by_mail in (True, False):
            notes = [
                (
                    fit.firm,
                    title,
                    "\n".join([facts, _("告知的原因：%(why)s。") % {"why": _("；").join(fit.reasons)}, end]),
                )
                for fit in fits
                if (fit.firm.pk not in without_mail) is by_mail
            ]
            if notes:
                notify_organizations(
                    notes=notes,
                    url=tender.get_absolute_url(),
                    key=key,
                    now=event.at,
                    by_mail=by_mail,
                )


def _silent(tender: Tender) -> tuple[set[int], set[int]]:
    """Return the firms that do not want to be told of a need, and those that want no mail."""
    choices = NeedsChoice.objects.values_list("organization", "is_muted", "by_mail")
    rows = [(firm, is_muted, by_mail) for firm, is_muted, by_mail in choices.exclude(is_muted=False, by_mail=True)]
    services = {service.pk for service in services_of(tender)}
    by_firm: dict[int, set[int]] = {}
    for firm, service in MutedService.objects.filter(service__in=services).values_list("organization", "service"):
        by_firm.setdefault(firm, set()).add(service)
    muted = {firm for firm, is_muted, _by_mail in rows if is_muted}
    muted |= {firm for firm, given in by_firm.items() if given == services}
    return muted, {firm for firm, _is_muted, by_mail in rows if not by_mail}
