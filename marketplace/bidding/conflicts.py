"""What ties a firm to the owner, or to another firm that signed up, so that it may not sign up itself (回避).

The frozen rules say which ties count (`conflicts`) and from what share on (`shareholder_percent`). tie() is pure; what it
compares is read by the functions below it. A value that somebody left blank ties nobody. Source: domain facts 1.6.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import ServiceCategory
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender

# How a tie reads in the refusal; {whom} is the owner or another firm, whose name is never said.
WORDS: dict[str, Any] = {
    "legal_representative": _("贵机构与%(whom)s的法定代表人同名，按回避规定不能报名。"),
    "shareholder": _("贵机构与%(whom)s之间有 %(percent)s%% 以上的持股关系或共同股东，按回避规定不能报名。"),
    "agent": _("贵机构与%(whom)s有相同的经办人，按回避规定不能报名。"),
    "phone": _("贵机构与%(whom)s登记了同一个联系电话，按回避规定不能报名。"),
    "email": _("贵机构与%(whom)s登记了同一个电子邮箱，按回避规定不能报名。"),
    "account": _("贵机构与%(whom)s登记了同一个收款账号，按回避规定不能报名。"),
}


@dataclass(frozen=True)
class Party:
    """Be what is known of an organization that may tie it to another; blank values are left out."""

    code: str
    name: str
    legal_representative: str = ""
    phone: str = ""
    email: str = ""
    account: str = ""
    members: frozenset[int] = frozenset()
    member_phones: frozenset[str] = frozenset()
    holdings: tuple[tuple[str, str, Decimal], ...] = field(default=())  # (name, code, percent) of each shareholder


def tie(one: Party, other: Party, kinds: Collection[str], percent: int | Decimal) -> str:
    """Return the first of `kinds` that ties two parties together, or nothing. Same either way round."""
    found = {
        "legal_representative": _same(one.legal_representative, other.legal_representative),
        "shareholder": is_held_together(one, other, percent),
        "agent": bool(one.members & other.members or one.member_phones & other.member_phones),
        "phone": _same(one.phone, other.phone),
        "email": _same(one.email, other.email),
        "account": _same(one.account, other.account),
    }
    return next((kind for kind in kinds if found.get(kind)), "")


def is_held_together(one: Party, other: Party, percent: int | Decimal) -> bool:
    """Tell whether one holds so much of the other, or somebody holds so much of both."""
    mine = [(name, code) for name, code, share in one.holdings if share >= percent]
    theirs = [(name, code) for name, code, share in other.holdings if share >= percent]
    return (
        any(_same_holder(holder, (other.name, other.code)) for holder in mine)
        or any(_same_holder(holder, (one.name, one.code)) for holder in theirs)
        or any(_same_holder(holder, another) for holder in mine for another in theirs)
    )


def _same(one: str, other: str) -> bool:
    return bool(one) and one == other


def _same_holder(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Compare by code where both have one, else by name."""
    return one[1] == other[1] if one[1] and other[1] else _same(one[0], other[0])


def party_of(organization: Organization) -> Party:
    """Read what tie() compares: four fields, the shareholders, and the members with their telephones."""
    people = [(row.user_id, row.user.phone) for row in organization.memberships.all()]
    person = organization.name if organization.kind == Organization.Kind.PERSON else ""
    return Party(
        code=(organization.uscc or "").upper(),
        name=_plain(organization.name),
        legal_representative=_plain(organization.legal_representative or person),
        phone=_digits(organization.phone),
        email=organization.email.strip().lower(),
        account=organization.alipay_account.strip().lower(),
        members=frozenset(pk for pk, _phone in people),
        member_phones=frozenset(filter(None, (_digits(phone) for _pk, phone in people))),
        holdings=tuple(
            (_plain(row.holder), row.holder_code.strip().upper(), row.percent)
            for row in organization.shareholdings.all()
        ),
    )


def conflict_of(tender: Tender, organization: Organization, others: Iterable[Organization]) -> str:
    """Return the sentence that says why a firm must stay out of a need, or nothing; `others` signed up before it."""
    kinds, percent = tender.rules.get("conflicts", ()), tender.rules.get("shareholder_percent", 20)
    if not kinds:
        return ""
    others = list(others)
    prefetch_related_objects([organization, tender.buyer, *others], "memberships__user", "shareholdings")
    firm = party_of(organization)
    for whom, other in [(_("业主"), tender.buyer), *((_("另一家已报名的机构"), one) for one in others)]:
        if kind := tie(firm, party_of(other), kinds, percent):
            return str(WORDS[kind] % {"whom": whom, "percent": percent})
    return _authorship(tender, firm, organization, percent) if "author" in kinds else ""


def _authorship(tender: Tender, firm: Party, organization: Organization, percent: int | Decimal) -> str:
    """Say which service for the same project the firm, or one held together with it, did that this one reviews (or is
    reviewed by).
    """
    if tender.project_id is None:
        return ""
    wanted = [tender.service_id, *tender.more_services.values_list("pk", flat=True)]
    against = ServiceCategory.objects.filter(Q(reviewers__in=wanted) | Q(reviewed__in=wanted)).distinct()
    done = (
        Tender.objects.filter(
            Q(service__in=against) | Q(more_services__in=against), project=tender.project_id, awards__status="confirmed"
        )
        .exclude(pk=tender.pk)
        .distinct()
        .order_by("pk")
    )
    for earlier in done.select_related("service"):
        for author in Organization.objects.filter(awards__tender=earlier, awards__status="confirmed"):
            if author.pk == organization.pk or is_held_together(firm, party_of(author), percent):
                return str(
                    _("同一项目的“%(service)s”由贵机构或与贵机构有持股关系的机构承担，编制与评审不能由同一方承担。")
                    % {"service": earlier.service.label}
                )
    return ""


def tied_pairs(pairs: Iterable[tuple[Tender, Organization]]) -> set[tuple[int, int]]:
    """Return by keys those pairs of a need and a firm of which conflict_of says something while nobody else has signed up.

    Four queries at most however many pairs; the needs come with their `buyer`, and with `more_services` prefetched.
    """
    asked = [(tender, firm) for tender, firm in pairs if tender.rules.get("conflicts")]
    everybody = {firm.pk: firm for _tender, firm in asked} | {tender.buyer_id: tender.buyer for tender, _firm in asked}
    prefetch_related_objects(list(everybody.values()), "memberships__user", "shareholdings")
    parties = {pk: party_of(one) for pk, one in everybody.items()}
    authors = _authors_of(
        {tender.pk: tender for tender, _firm in asked if "author" in tender.rules["conflicts"]}.values()
    )
    found = set()
    for tender, firm in asked:
        kinds, percent = tender.rules["conflicts"], tender.rules.get("shareholder_percent", 20)
        party = parties[firm.pk]
        if tie(party, parties[tender.buyer_id], kinds, percent) or any(
            author == firm.pk or is_held_together(party, held, percent) for author, held in authors.get(tender.pk, ())
        ):
            found.add((tender.pk, firm.pk))
    return found


def _authors_of(tenders: Iterable[Tender]) -> dict[int, list[tuple[int, Party]]]:
    """Return for each need who did, for the same project, a service that one of its services reviews or is reviewed by."""
    wanted = [tender for tender in tenders if tender.project_id is not None]
    if not wanted:
        return {}
    link = ServiceCategory.reviewed.through._default_manager.values_list("from_servicecategory", "to_servicecategory")
    opposed = {pair for one, other in link for pair in ((one, other), (other, one))}
    done = Tender.objects.filter(project__in={tender.project_id for tender in wanted}, awards__status="confirmed")
    rows = list(done.order_by("pk").values_list("pk", "project", "service", "more_services", "awards__organization"))
    firms = Organization.objects.filter(pk__in={row[-1] for row in rows})
    firms = firms.prefetch_related("memberships__user", "shareholdings")
    parties = {firm.pk: party_of(firm) for firm in firms}
    found: dict[int, list[tuple[int, Party]]] = {}
    for tender in wanted:
        mine = {tender.service_id, *(service.pk for service in tender.more_services.all())}
        authors = {
            author
            for pk, project, service, more, author in rows
            if pk != tender.pk
            and project == tender.project_id
            and any((one, other) in opposed for one in mine for other in (service, more))
        }
        found[tender.pk] = [(author, parties[author]) for author in sorted(authors)]
    return found


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
