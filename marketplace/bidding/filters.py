"""Which auctions a list shows."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Region

from .models import Auction
from .states import AuctionStatus

PHASES = {
    "live": [AuctionStatus.OPEN],
    "coming": [AuctionStatus.SCHEDULED],
    "ended": [AuctionStatus.CLOSED, AuctionStatus.FAILED],
}


class AuctionFilter(django_filters.FilterSet):
    """Choose auctions by phase, place and words of the need."""

    phase = django_filters.ChoiceFilter(
        label=_("阶段"),
        choices=[("live", _("正在竞价")), ("coming", _("即将开始")), ("ended", _("已经结束"))],
        method="in_phase",
    )
    region = django_filters.ModelChoiceFilter(
        label=_("地点"), queryset=Region.objects.all(), to_field_name="code", method="in_region"
    )
    q = django_filters.CharFilter(label=_("名称或编号"), method="with_words")

    class Meta:
        model = Auction
        fields: tuple[str, ...] = ()

    def in_phase(self, queryset: QuerySet[Auction], name: str, value: str) -> QuerySet[Auction]:
        return queryset.filter(status__in=PHASES[value])

    def in_region(self, queryset: QuerySet[Auction], name: str, value: Any) -> QuerySet[Auction]:
        return queryset.filter(Q(tender__region=value) | Q(tender__region__parent=value))

    def with_words(self, queryset: QuerySet[Auction], name: str, value: str) -> QuerySet[Auction]:
        return queryset.filter(Q(tender__title__icontains=value) | Q(tender__number__iexact=value))
