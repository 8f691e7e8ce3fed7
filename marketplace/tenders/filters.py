"""Which needs a list shows, and in what order."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.catalog.queries import below
from marketplace.core import clock

from .models import Method, Tender
from .states import TenderStatus

PUBLIC_STATUSES = [choice for choice in TenderStatus.choices if choice[0] != TenderStatus.DRAFT]
# Bands of the ceiling in fen: from, below.
BANDS = {
    "1": (_("1 万元以下"), 0, 1_000_000),
    "1-5": (_("1 万至 5 万元"), 1_000_000, 5_000_000),
    "5-20": (_("5 万至 20 万元"), 5_000_000, 20_000_000),
    "20-100": (_("20 万至 100 万元"), 20_000_000, 100_000_000),
    "100": (_("100 万元以上"), 100_000_000, None),
}
ORDERS = {
    "newest": (_("最新发布"), ("-published_at", "-id")),
    "ending": (_("即将截止报名"), ("signup_ends_at", "id")),
    "high": (_("金额从高到低"), ("-ceiling_fen", "-id")),
    "low": (_("金额从低到高"), ("ceiling_fen", "id")),
}


class TenderFilter(django_filters.FilterSet):
    """Choose needs by words, service, class, place, state, method, money and amount. A value that is none is ignored."""

    q = django_filters.CharFilter(label=_("名称或编号"), method="with_words", max_length=80)
    service = django_filters.ModelChoiceFilter(
        label=_("中介服务"),
        queryset=ServiceCategory.objects.all(),
        to_field_name="code",
        empty_label=_("全部服务"),
        method="with_service",
    )
    group = django_filters.ChoiceFilter(
        label=_("类别"), choices=ServiceCategory.Group.choices, field_name="service__group"
    )
    region = django_filters.ModelChoiceFilter(
        label=_("地点"), queryset=Region.objects.all(), to_field_name="code", method="in_region"
    )
    status = django_filters.ChoiceFilter(label=_("状态"), choices=PUBLIC_STATUSES)
    method = django_filters.ChoiceFilter(label=_("选取方式"), choices=Method.choices)
    money = django_filters.ChoiceFilter(label=_("资金"), choices=Tender.MoneyKind.choices, field_name="money_kind")
    band = django_filters.ChoiceFilter(
        label=_("最高限价"),
        choices=[(key, value[0]) for key, value in BANDS.items()],
        method="in_band",
        empty_label=_("不限金额"),
    )
    order = django_filters.ChoiceFilter(
        label=_("排序"), choices=[(key, value[0]) for key, value in ORDERS.items()], method="in_order", empty_label=None
    )

    class Meta:
        model = Tender
        fields: tuple[str, ...] = ()

    def with_words(self, queryset: QuerySet[Tender], _name: str, value: str) -> QuerySet[Tender]:
        for word in value.split()[:6]:
            queryset = queryset.filter(Q(title__icontains=word) | Q(number__icontains=word))
        return queryset

    def with_service(self, queryset: QuerySet[Tender], _name: str, value: ServiceCategory) -> QuerySet[Tender]:
        further = Tender.more_services.through.objects.filter(servicecategory=value)
        return queryset.filter(Q(service=value) | Q(pk__in=further.values("tender")))

    def in_region(self, queryset: QuerySet[Tender], _name: str, value: Region) -> QuerySet[Tender]:
        return queryset.filter(region__in=below(value))

    def in_band(self, queryset: QuerySet[Tender], _name: str, value: str) -> QuerySet[Tender]:
        _label, low, high = BANDS[value]
        queryset = queryset.filter(ceiling_fen__gte=low)
        return queryset if high is None else queryset.filter(ceiling_fen__lt=high)

    def in_order(self, queryset: QuerySet[Tender], _name: str, value: str) -> QuerySet[Tender]:
        if value == "ending":
            queryset = queryset.filter(status=TenderStatus.OPEN, signup_ends_at__gt=clock.now())
        return queryset.order_by(*ORDERS[value][1])

    def without(self, *names: str) -> QuerySet[Any]:
        """Return the needs that all conditions but the named ones choose: what a facet counts."""
        queryset = self.queryset.all()
        for name, value in self.form.cleaned_data.items():
            if name not in names and name != "order":
                queryset = self.filters[name].filter(queryset, value)
        return queryset
