"""What entry waits for from a person: a proven firm to act for, a draft to go on with, somebody's claim to answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.accounts.queries import proven
from marketplace.parties.models import EntryClaim, Membership, Organization
from marketplace.parties.states import EntryClaimStatus

from .choices import DeskItem


def entry_items(user: Any, now: datetime) -> Iterator[DeskItem]:
    """Yield the legal persons that somebody has just proven to act for, drafts, and claims on organizations administered."""
    identities = proven(user, now=now).exclude(uscc__in=user.memberships.values("organization__uscc"))
    entered = dict(Organization.objects.filter(uscc__in=identities.values("uscc")).values_list("uscc", "name"))
    for identity in identities:
        if name := entered.get(identity.uscc):
            url = f"{reverse('parties:claim_new')}?code={identity.uscc}"
            yield DeskItem(_("您已证明代表“%(name)s”") % {"name": name}, identity.uscc, url, _("代表它办理业务"))
        elif not user.entry_drafts.exists():
            title = _("“%(name)s”可以马上入驻") % {"name": identity.name}
            yield DeskItem(title, identity.uscc, reverse("parties:enter"), _("办理入驻"))
    for draft in user.entry_drafts.order_by("-updated_at"):
        title = _("业主登记还没办完") if draft.role == "buyer" else _("机构入驻还没办完")
        quiet = " ".join(filter(None, [draft.values.get("name"), draft.values.get("uscc")]))
        yield DeskItem(title, quiet, reverse(draft.page), _("继续办理"), since=draft.updated_at)
    mine = user.memberships.filter(role=Membership.Role.ADMINISTRATOR).values("organization")
    filed = EntryClaim.objects.filter(organization__in=mine, status=EntryClaimStatus.FILED, answer="")
    for claim in filed.exclude(user=user).select_related("organization", "user").order_by("due_at"):
        title = _("%(who)s申请代表本单位办理业务") % {"who": claim.user}
        url = reverse("parties:claim", args=[claim.pk])
        yield DeskItem(title, claim.organization.name, url, _("去处理"), claim.due_at, is_urgent=claim.due_at < now)
