"""Filters of the service list."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from .models import ServiceCategory


class ServiceFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=_("名称"))
    group = django_filters.ChoiceFilter(choices=ServiceCategory.Group.choices, label=_("类别"))
    department = django_filters.CharFilter(lookup_expr="contains", label=_("主管部门"))

    class Meta:
        model = ServiceCategory
        fields = ("q", "group", "department")

    def search(self, rows: QuerySet[ServiceCategory], name: str, value: str) -> QuerySet[ServiceCategory]:
        """Find each word in the name, the matter or the legal basis."""
        for word in value.split():
            rows = rows.filter(
                Q(name__icontains=word)
                | Q(name_en__icontains=word)
                | Q(code__iexact=word)
                | Q(legal_basis__icontains=word)
                | Q(matters__name__icontains=word)
                | Q(matters__name_en__icontains=word)
            )
        return rows.distinct()
