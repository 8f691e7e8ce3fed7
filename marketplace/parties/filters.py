"""Filters of the firm list."""

from __future__ import annotations

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.catalog.queries import below

from .models import Organization, ServiceOffering
from .states import OfferingStatus

OUTSIDE = "outside"


class FirmFilter(django_filters.FilterSet):
    """Find firms by name or code, by place (with everything below it), by service and by group of services."""

    q = django_filters.CharFilter(method="search", label=_("名称"))
    region = django_filters.CharFilter(method="in_region", label=_("所在地"))
    service = django_filters.ModelChoiceFilter(
        queryset=ServiceCategory.objects.all(), to_field_name="code", method="offering", label=_("服务事项")
    )
    group = django_filters.ChoiceFilter(choices=ServiceCategory.Group.choices, method="in_group", label=_("类别"))

    class Meta:
        model = Organization
        fields = ("q", "region", "service", "group")

    def search(self, rows: QuerySet[Organization], name: str, value: str) -> QuerySet[Organization]:
        for word in value.split():
            rows = rows.filter(name__icontains=word) | rows.filter(uscc__iexact=word)
        return rows

    def in_region(self, rows: QuerySet[Organization], name: str, value: str) -> QuerySet[Organization]:
        if value == OUTSIDE:
            return rows.filter(region=None)
        region = Region.objects.filter(code=value).first()
        return rows.filter(region__in=below(region)) if region else rows

    def offering(self, rows: QuerySet[Organization], name: str, value: ServiceCategory) -> QuerySet[Organization]:
        few = ServiceOffering.objects.filter(status=OfferingStatus.LIVE, service=value)
        return rows.filter(pk__in=few.values("organization"))

    def in_group(self, rows: QuerySet[Organization], name: str, value: str) -> QuerySet[Organization]:
        # Many firms offer something of a group: each is asked in turn, so that a page is full after few of them.
        mine = ServiceOffering.objects.filter(status=OfferingStatus.LIVE, organization=OuterRef("pk"))
        return rows.filter(Exists(mine.filter(service__group=value)))


class FirmCount(FirmFilter):
    """Find the same firms for counting all of them: the offers of a group are read once."""

    def in_group(self, rows: QuerySet[Organization], name: str, value: str) -> QuerySet[Organization]:
        offers = ServiceOffering.objects.filter(status=OfferingStatus.LIVE, service__group=value)
        return rows.filter(pk__in=offers.values("organization"))
