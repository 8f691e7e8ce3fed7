"""Filters: the parameters of a search, declared and checked once, for the page and for suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, Filter, FilterSet, MultipleChoiceFilter

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.tenders.models import Method
from marketplace.tenders.states import TenderStatus

from . import lexicon
from .analysis import LONGEST_QUERY
from .documents import Kind
from .engine import Query

SORTS = (
    ("relevance", _("相关度")),
    ("newest", _("最新")),
    ("credit", _("信用分")),
    ("price", _("限价由低到高")),
)
STATUSES = [(status.value, status.label) for status in TenderStatus if status != TenderStatus.DRAFT]
PER_PAGE = 20
LAST_PAGE = 500
SEVERAL = ("region", "service", "status", "method")


class WholeNumberFilter(Filter):
    """Read a whole number."""

    field_class = forms.IntegerField


class SearchFilter(FilterSet):
    """Read a search from the address; what is wrong with it becomes sentences, what is right still counts."""

    q = CharFilter(label=_("关键词"), max_length=LONGEST_QUERY)
    kind = ChoiceFilter(label=_("类别"), choices=Kind.choices)
    region = MultipleChoiceFilter(label=_("区域"))
    service = MultipleChoiceFilter(label=_("服务事项"))
    status = MultipleChoiceFilter(label=_("状态"), choices=STATUSES)
    method = MultipleChoiceFilter(label=_("选取方式"), choices=Method.choices)
    sort = ChoiceFilter(label=_("排序"), choices=SORTS)
    page = WholeNumberFilter(label=_("页码"), min_value=1, max_value=LAST_PAGE)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data, queryset=Region.objects.none())
        self.regions = {region.code: region for region in Region.objects.all()}
        self.services = {service.code: service for service in ServiceCategory.objects.all()}
        self.filters["region"].extra["choices"] = [(code, region.label) for code, region in self.regions.items()]
        self.filters["service"].extra["choices"] = [(code, service.label) for code, service in self.services.items()]

    @cached_property
    def clean(self) -> dict[str, Any]:
        """Return the values that are right."""
        self.is_valid()
        return self.form.cleaned_data

    @property
    def problems(self) -> list[str]:
        """Say what is wrong, one sentence for each parameter."""
        return [
            _("%(label)s：%(error)s") % {"label": self.form.fields[name].label, "error": " ".join(map(str, errors))}
            for name, errors in self.form.errors.items()
        ]

    @property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        """Return the chosen values per facet."""
        chosen = {name: tuple(self.clean.get(name) or ()) for name in SEVERAL}
        if kind := self.clean.get("kind"):
            chosen["kind"] = (kind,)
        return chosen

    @property
    def query(self) -> Query:
        """Return the search that is asked for."""
        return replace(
            lexicon.read().query(self.clean.get("q") or ""),
            chosen=self.chosen,
            sort=self.clean.get("sort") or "relevance",
            page=self.clean.get("page") or 1,
            per_page=PER_PAGE,
        )
