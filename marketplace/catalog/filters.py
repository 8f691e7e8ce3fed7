"""Filters of the service list."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from .models import ServiceCategory
from .states import ServiceStatus

ITSELF = (("yes", _("可以自行编制")), ("no", _("须由机构提供")))


class ServiceFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=_("名称"))
    group = django_filters.ChoiceFilter(choices=ServiceCategory.Group.choices, label=_("类别"))
    state = django_filters.ChoiceFilter(choices=ServiceStatus.choices, method="in_state", label=_("状态"))
    entrusted = django_filters.ChoiceFilter(
        field_name="entrusted_by", choices=ServiceCategory.Entrusting.choices, label=_("由谁委托")
    )
    itself = django_filters.ChoiceFilter(choices=ITSELF, method="by_itself", label=_("申请人可以自己做吗"))
    department = django_filters.CharFilter(lookup_expr="contains", label=_("主管部门"))

    class Meta:
        model = ServiceCategory
        fields = ("q", "group", "department", "entrusted", "itself", "state")

    @property
    def qs(self) -> QuerySet[ServiceCategory]:
        """Leave out what is cancelled, unless that is what is asked for."""
        found: QuerySet[ServiceCategory] = super().qs
        return found if self.form.cleaned_data.get("state") else found.exclude(status=ServiceStatus.CANCELLED)

    def in_state(self, rows: QuerySet[ServiceCategory], name: str, value: str) -> QuerySet[ServiceCategory]:
        """Keep one state."""
        return rows.filter(status=value)

    def by_itself(self, rows: QuerySet[ServiceCategory], name: str, value: str) -> QuerySet[ServiceCategory]:
        """Keep those that applicants may do themselves, or may not; what departments entrust is neither."""
        return rows.filter(may_prepare_itself=value == "yes")

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
