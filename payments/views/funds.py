"""资金: what is held for a firm, due, settled and owed back, contract by contract; its statement and the account it is paid to."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.core.workdays import end_of
from marketplace.parties.access import acts_as, current_organization
from marketplace.parties.actions import change_organization
from marketplace.parties.models import Organization

from .. import funds as money
from ..actions.transfers import payout_identity
from ..forms import AccountForm, PeriodForm
from ..queries import statement_of
from ..tables import statement_file

PER_PAGE, SHOWN = 10, 200


def _firm(request: HttpRequest) -> Organization:
    firm = current_organization(request)
    assert firm is not None  # the gate let nobody else in
    return firm


def _this_year(today: date) -> dict[str, date]:
    return {"since": today.replace(month=1, day=1), "until": today}


@require_safe
@acts_as("intermediary")
@never_cache
def funds(request: HttpRequest) -> HttpResponse:
    """Show a firm its money."""
    firm = _firm(request)
    groups = money.groups_of(organization=firm)
    page = Paginator(groups, PER_PAGE).get_page(request.GET.get("page"))
    found = money.funds_of(organization=firm)
    words = {
        "firm": firm,
        "funds": found,
        "stuck": [(row, money.advice(row)) for row in found.stuck],
        "page": page,
        "contracts": money.contracts_in(organization=firm, groups=[row["transfer_group"] for row in page]),
        "account": money.masked(firm.alipay_account),
        "is_sandbox_account": not firm.alipay_account and bool(payout_identity(firm)),
        "period": PeriodForm(initial=_this_year(localdate())),
    }
    return render(request, "payments/funds.html", words)


@require_safe
@acts_as("intermediary")
@never_cache
def statement(request: HttpRequest) -> HttpResponseBase:
    """Show what became the firm's, was taken off and was paid out between two days; as page, CSV or Excel."""
    firm = _firm(request)
    is_asked = "since" in request.GET or "until" in request.GET
    form = PeriodForm(request.GET if is_asked else {name: str(day) for name, day in _this_year(localdate()).items()})
    if not form.is_valid():
        return render(request, "payments/statement.html", {"firm": firm, "form": form, "rows": []}, status=422)
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    rows = statement_of(organization=firm, since=end_of(since - timedelta(days=1)), until=end_of(until))
    name = f"statement-{since:%Y%m%d}-{until:%Y%m%d}"
    if answer := statement_file(request.GET.get("format", ""), rows, name=name, title=firm.name, with_debt=True):
        return answer
    shown = list(islice(rows, SHOWN + 1))
    words = {
        "firm": firm,
        "form": form,
        "rows": shown[:SHOWN],
        "is_cut": len(shown) > SHOWN,
        "query": request.GET.urlencode(),
    }
    return render(request, "payments/statement.html", words)


@require_http_methods(["GET", "HEAD", "POST"])
@acts_as("intermediary")
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Take the account that the firm is paid to; only the firm's administrator may change it."""
    firm = _firm(request)
    form = AccountForm(request.POST or None)
    if form.is_bound and form.is_valid():
        values = {"alipay_account": form.cleaned_data["alipay_account"]}
        try:
            firm = change_organization(organization=firm, values=values, by=request.user, now=clock.now())
        except Refused as refused:
            form.add_refusal(refused)
        else:
            shown = {"account": money.masked(firm.alipay_account)}
            messages.success(request, _("收款账号已改为 %(account)s，以后的结算付到这里。") % shown)
            return redirect("payments:funds")
    words = {"firm": firm, "form": form, "account": money.masked(firm.alipay_account)}
    return render(request, "payments/account.html", words, status=form.status)
