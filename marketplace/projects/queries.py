"""Reads of projects for pages."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from marketplace.parties.models import Organization

from .models import ApprovalCase, InvestmentProject


def projects_of(organization: Organization) -> QuerySet[InvestmentProject]:
    """Return an owner's projects, newest first, with their cases and matters."""
    cases = ApprovalCase.objects.select_related("matter").order_by("number")
    return (
        InvestmentProject.objects.filter(owner=organization)
        .select_related("region")
        .prefetch_related(Prefetch("cases", cases))
        .order_by("-fetched_at", "-pk")
    )
