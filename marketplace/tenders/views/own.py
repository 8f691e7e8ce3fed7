"""Whose need it is: the owner that one acts for, and the needs that are its own."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from marketplace.parties.access import current_organization
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender
from marketplace.tenders.queries import find_tender
from marketplace.tenders.states import TenderStatus


def organization_of(request: HttpRequest) -> Organization:
    """Return the owner that one acts for; the gate in front of the view has let in nobody else."""
    organization = current_organization(request)
    assert organization is not None
    return organization


def own_or_404(request: HttpRequest, number: str) -> Tender:
    """Return a need of the organization that one acts for, draft or published, or answer 404."""
    tender = find_tender(number)
    if tender is None or tender.buyer_id != organization_of(request).pk:
        raise Http404
    return tender


def own_draft_or_404(request: HttpRequest, number: str) -> Tender:
    """Return a draft of the organization that one acts for, or answer 404."""
    tender = own_or_404(request, number)
    if tender.status != TenderStatus.DRAFT:
        raise Http404
    return tender
