"""我的付款: what the payer owes and has paid, with conditions, totals and a table to download."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marketplace.parties.access import acts_as, current_organization

from .. import lists
from ..forms import ListForm
from ..models import PaymentIntent
from ..tables import csv_answer

PER_PAGE = 20


def _rows(request: HttpRequest, form: ListForm) -> QuerySet[PaymentIntent]:
    return lists.payments_list(organization=current_organization(request), **form.conditions())


@require_safe
@acts_as("buyer")
@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """List the payments of the organization for which one acts."""
    form = ListForm(request.GET)
    rows = _rows(request, form)
    words = {
        "form": form,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "totals": lists.totals(rows),
        "query": request.GET.urlencode(),
        "is_narrowed": any(form.conditions().values()),
    }
    return render(request, "payments/mine.html", words)


@require_safe
@acts_as("buyer")
@never_cache
def mine_table(request: HttpRequest) -> StreamingHttpResponse:
    """Give the same list as CSV."""
    return csv_answer("payments.csv", lists.head(), lists.table(_rows(request, ListForm(request.GET))))
