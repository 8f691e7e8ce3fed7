"""The public list of needs, with facets, and its exports."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.tenders.feeds import csv_rows
from marketplace.tenders.filters import PUBLIC_STATUSES, TenderFilter
from marketplace.tenders.models import Method, Tender
from marketplace.tenders.queries import bidder_counts, facet_counts, listed

PER_PAGE = 20


@require_safe
def tenders(request: HttpRequest) -> HttpResponse:
    """List published needs by words, service, place, state, money and amount."""
    chosen = TenderFilter(request.GET, queryset=listed())
    chosen.form.is_valid()
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    counts = bidder_counts(rows)
    context = {
        "filter": chosen,
        "page": page,
        "rows": [(tender, counts.get(tender.pk, 0)) for tender in rows],
        "groups": _facets(request.GET, chosen),
        "chips": _chips(request.GET, chosen),
        "kept": _kept(request.GET),
        "query": _link(request.GET),
        "emergencies": chosen.form.cleaned_data.get("method") == Method.EMERGENCY,
    }
    return render(request, "tenders/tenders.html", context)


@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Give the same list as CSV."""
    queryset = TenderFilter(request.GET, queryset=listed()).qs
    response = StreamingHttpResponse(csv_rows(queryset), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="tenders.csv"'
    return response


def _link(query: QueryDict, **changes: str | None) -> str:
    """Return the query string with changes; None takes a condition away; a changed list begins at its first page."""
    changed = query.copy()
    changed.pop("page", None)
    for name, value in changes.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = value
    text = changed.urlencode()
    return f"?{text}" if text else "?"


def _facets(query: QueryDict, chosen: TenderFilter) -> list[tuple[str, list[dict[str, Any]]]]:
    districts = Region.objects.filter(level__in=[Region.Level.COUNTY, Region.Level.FUNCTIONAL]).order_by("code")
    parents = dict(Region.objects.filter(level=Region.Level.TOWNSHIP).values_list("pk", "parent_id"))
    by_region: dict[Any, int] = {}
    for pk, count in facet_counts(chosen.without("region"), "region").items():
        district = parents.get(pk, pk)
        by_region[district] = by_region.get(district, 0) + count
    regions = [(one.code, one.label, by_region.get(one.pk, 0)) for one in districts]

    def plain(name: str, field: str, choices: Any) -> list[tuple[str, str, int]]:
        counts = facet_counts(chosen.without(name), field)
        return [(value, str(label), counts.get(value, 0)) for value, label in choices]

    facets = [
        ("status", _("状态"), plain("status", "status", PUBLIC_STATUSES)),
        ("group", _("服务类别"), plain("group", "service__group", ServiceCategory.Group.choices)),
        ("region", _("地点"), regions),
        ("method", _("选取方式"), plain("method", "method", Method.choices)),
        ("money", _("资金性质"), plain("money", "money_kind", Tender.MoneyKind.choices)),
    ]
    return [
        (
            heading,
            [
                {
                    "label": label,
                    "count": count,
                    "active": query.get(name) == value,
                    "url": _link(query, **{name: None if query.get(name) == value else value}),
                }
                for value, label, count in rows
                if count or query.get(name) == value
            ],
        )
        for name, heading, rows in facets
    ]


def _chips(query: QueryDict, chosen: TenderFilter) -> list[tuple[str, str]]:
    chips = []
    for name, value in chosen.form.cleaned_data.items():
        if not value or name == "order":
            continue
        label = getattr(value, "label", None) or dict(getattr(chosen.form.fields[name], "choices", ())).get(
            value, value
        )
        words = _("“%(words)s”") % {"words": value} if name == "q" else str(label)
        chips.append((words, _link(query, **{name: None})))
    return chips


def _kept(query: QueryDict) -> list[tuple[str, str]]:
    """Return the conditions that facets set, so that the search form carries them along."""
    return [(name, str(query[name])) for name in ("status", "group", "region", "money", "method") if query.get(name)]
