"""Filters: the parameters of a search, declared and checked once, for page, suggestions and API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, Filter, FilterSet, MultipleChoiceFilter

from marketplace.catalog.models import QualificationKind, Region, ServiceCategory
from marketplace.core import clock
from marketplace.tenders.models import Method
from marketplace.tenders.states import TenderStatus

from . import lexicon
from .analysis import LONGEST_QUERY
from .documents import BANDS, DATES, Kind
from .engine import Query
from .leading import Leading, leading_place
from .spans import SPANS, spans, written

SORTS = (
    ("relevance", _("相关度")),
    ("newest", _("最新")),
    ("ending", _("即将截止")),
    ("credit", _("信用分")),
    ("price", _("限价由低到高")),
    ("distance", _("距离")),
)
STATUSES = [(status.value, status.label) for status in TenderStatus if status != TenderStatus.DRAFT]
LEVELS = (
    ("A", _("A 级（90 分及以上）")),
    ("B", _("B 级（75 至 90 分）")),
    ("C", _("C 级（60 至 75 分）")),
    ("D", _("D 级（60 分以下）")),
)
PER_PAGE = 20
LAST_PAGE = 500
SEVERAL = ("region", "service", "qualification", "credit", "method", "status", "money")
CHOSEN = (*SEVERAL, DATES)  # what the facets beside the results choose
NO_CHOICE = {"invalid_choice": _("没有“%(value)s”这个选项。")}
NO_PAGE = {
    "invalid": _("请填写整数。"),
    "min_value": _("从第 %(limit_value)d 页开始。"),
    "max_value": _("最多翻到第 %(limit_value)d 页；请加一些条件。"),
}
NO_WORDS = {
    "max_length": _("最多 %(limit_value)d 个字，现在有 %(show_value)d 个；下面按前面的字查找。"),
    "null_characters_not_allowed": _("有不能查找的符号，已略去。"),
}
COORDINATES = re.compile(r"(-?\d{1,2}(?:\.\d{1,6})?),(-?\d{1,3}(?:\.\d{1,6})?)")


def band_words(least: int) -> str:
    """Name a band of money by its ends in units of 10,000 yuan."""
    ends = [*BANDS[1:], None]
    low, high = least // 1_000_000, ends[BANDS.index(least)]
    if high is None:
        return _now("%(low)d 万元以上") % {"low": low}
    if not low:
        return _now("%(high)d 万元以下") % {"high": high // 1_000_000}
    return _now("%(low)d 至 %(high)d 万元") % {"low": low, "high": high // 1_000_000}


class WholeNumberFilter(Filter):
    """Read a whole number."""

    field_class = forms.IntegerField


class NearField(forms.CharField):
    """Read from where distances are measured: a place's code, or latitude and longitude in degrees."""

    places: Mapping[str, Region] = {}

    def clean(self, value: Any) -> tuple[float, float] | None:
        text = super().clean(value)
        if not text:
            return None
        if found := COORDINATES.fullmatch(text.replace(" ", "")):
            latitude, longitude = float(found[1]), float(found[2])
            if abs(latitude) <= 90 and abs(longitude) <= 180:
                return latitude, longitude
        if (region := self.places.get(text)) and region.place:
            return region.place
        raise forms.ValidationError(_("请选择一个区域，或填写纬度和经度，例如 28.26,117.07。"), code="invalid")


class NearFilter(Filter):
    """Read from where distances are measured."""

    field_class = NearField


class SearchFilter(FilterSet):
    """Read a search from the address; what is wrong with it becomes sentences, what is right still counts."""

    q = CharFilter(label=_("关键词"), max_length=LONGEST_QUERY, error_messages=NO_WORDS)
    kind = ChoiceFilter(label=_("类别"), choices=Kind.choices, error_messages=NO_CHOICE)
    region = MultipleChoiceFilter(label=_("区域"), error_messages=NO_CHOICE)
    service = MultipleChoiceFilter(label=_("服务事项"), error_messages=NO_CHOICE)
    qualification = MultipleChoiceFilter(label=_("资质"), error_messages=NO_CHOICE)
    credit = MultipleChoiceFilter(label=_("信用等级"), choices=LEVELS, error_messages=NO_CHOICE)
    method = MultipleChoiceFilter(label=_("选取方式"), choices=Method.choices, error_messages=NO_CHOICE)
    status = MultipleChoiceFilter(label=_("状态"), choices=STATUSES, error_messages=NO_CHOICE)
    money = MultipleChoiceFilter(label=_("金额"), error_messages=NO_CHOICE)
    date = ChoiceFilter(label=_("发布时间"), choices=SPANS, error_messages=NO_CHOICE)
    sort = ChoiceFilter(label=_("排序"), choices=SORTS, error_messages=NO_CHOICE)
    near = NearFilter(label=_("距离起点"), max_length=40)
    as_typed = ChoiceFilter(label=_("按原词查找"), choices=(("1", _("是")),), error_messages=NO_CHOICE)
    page = WholeNumberFilter(label=_("页码"), min_value=1, max_value=LAST_PAGE, error_messages=NO_PAGE)

    def __init__(self, data: Mapping[str, Any], now: datetime | None = None) -> None:
        super().__init__(data, queryset=Region.objects.none())
        self.now = now or clock.now()
        self.regions = {region.code: region for region in Region.objects.all()}
        by_key = {region.pk: region for region in self.regions.values()}
        for region in self.regions.values():
            region.parent = by_key.get(region.parent_id or 0)  # read once for all, so that asking for it reads nothing
        self.services = {service.code: service for service in ServiceCategory.objects.all()}
        self.kinds = {kind.code: kind for kind in QualificationKind.objects.all()}
        for name in ("region", "service", "qualification", "money"):
            self.filters[name].extra["choices"] = list(self.labels[name].items())

    def get_form_class(self) -> type[forms.Form]:
        """Let the field of places know them."""
        made: type[forms.Form] = super().get_form_class()
        near = made.base_fields["near"]
        assert isinstance(near, NearField)
        near.places = self.regions
        return made

    @cached_property
    def clean(self) -> dict[str, Any]:
        """Return the values that are right; of several in one parameter those that are."""
        self.is_valid()
        clean = dict(self.form.cleaned_data)
        for name in SEVERAL:
            field = self.form.fields[name]
            given = clean.get(name) or [value for value in self._given(name) if field.valid_value(value)]
            clean[name] = tuple(dict.fromkeys(given))
        return clean

    def _given(self, name: str) -> list[str]:
        getlist = getattr(self.data, "getlist", None)
        return [str(value) for value in (getlist(name) if getlist else self.data.get(name) or [])]

    @property
    def problems(self) -> list[str]:
        """Say what is wrong, one sentence for each parameter."""
        return list(self.wrong.values())

    @property
    def wrong(self) -> dict[str, str]:
        """Return the sentences by the name of the parameter."""
        said = {
            name: _now("%(label)s：%(error)s")
            % {"label": self.form.fields[name].label, "error": " ".join(map(str, errors))}
            for name, errors in self.form.errors.items()
        }
        if self.clean.get("sort") == "distance" and not self.clean.get("near") and "near" not in said:
            said["sort"] = _now("排序：按距离排序时，请选择从哪里算起。")
        return said

    @property
    def unknown(self) -> list[str]:
        """Return the names of parameters that mean nothing here; pages pass over what others append to links."""
        return [name for name in self.data if name not in self.filters]

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """Return the words for the values of each facet, in the order of the page."""
        return {
            "region": {code: region.label for code, region in self.regions.items()},
            "service": {code: service.label for code, service in self.services.items()},
            "status": {value: str(label) for value, label in STATUSES},
            DATES: {value: str(label) for value, label in SPANS},
            "money": {str(least): band_words(least) for least in BANDS},
            "method": {value: str(label) for value, label in Method.choices},
            "qualification": {code: kind.label for code, kind in self.kinds.items()},
            "credit": {value: str(label) for value, label in LEVELS},
            "kind": {kind.value: str(kind.label) for kind in Kind},
        }

    @property
    def typed(self) -> str:
        """Return what was typed, also when it is too long, without the signs that nobody can type."""
        return "".join(sign for sign in str(self.data.get("q") or "") if sign.isprintable() or sign.isspace()).strip()

    @cached_property
    def leading(self) -> Leading | None:
        """Return the place that the words begin with, unless they are to be taken as typed."""
        if self.clean.get("as_typed"):
            return None
        return leading_place(self.typed[:LONGEST_QUERY], [*self.regions.values(), *lexicon.read().former])

    def around(self, code: str) -> set[str]:
        """Return the codes of the places around a place."""
        found, region = set(), self.regions[code].parent
        while region is not None:
            found.add(region.code)
            region = region.parent
        return found

    @property
    def is_narrowed(self) -> bool:
        """Tell whether the leading place narrows the search: not when a place inside it is chosen, which is narrower."""
        if self.leading is None:
            return False
        return not any(self.leading.code in self.around(code) for code in self.clean["region"])

    @property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        """Return the chosen values per facet, with the place that the words begin with."""
        chosen = {name: self.clean[name] for name in SEVERAL}
        if self.leading is not None and self.is_narrowed and self.leading.code not in chosen["region"]:
            chosen["region"] = (*chosen["region"], self.leading.code)
        for name in ("kind", DATES):
            chosen[name] = (self.clean[name],) if self.clean.get(name) else ()
        return chosen

    @property
    def query(self) -> Query:
        """Return the search that is asked for, page and all; `as_it_stands` gives the one without a leading place."""
        return replace(
            lexicon.read().query(self.leading.rest if self.leading else self.typed[:LONGEST_QUERY]),
            chosen={name: values for name, values in self.chosen.items() if values},
            spans=spans(self.now),
            sort=self.clean.get("sort") or "relevance",
            now=written(self.now.replace(second=0, microsecond=0)),
            origin=self.clean.get("near"),
            page=self.clean.get("page") or 1,
            per_page=PER_PAGE,
        )

    @property
    def as_it_stands(self) -> Query:
        """Return the search with the words as typed, a place at their beginning being one of them."""
        chosen = {name: values for name, values in self.chosen.items() if values}
        if self.is_narrowed:
            chosen["region"] = self.clean["region"]
        return replace(self.query, text=self.typed[:LONGEST_QUERY], chosen=chosen)
