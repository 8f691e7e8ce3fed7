"""Money of contracts: by when it is owed, and what came in and went out for one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marketplace.core import clock
from marketplace.core.refusals import Forbidden
from marketplace.parties.access import current_organization
from payments.queries import statement_of_group
from payments.tables import statement_file

from ..due import due_contracts, dues
from .contract import readable


@require_safe
@login_required
@never_cache
def due(request: HttpRequest) -> HttpResponse:
    """List by when money is owed, the overdue first: to an organization its own, to administrators all."""
    organization = current_organization(request)
    is_desk = request.user.is_staff and (organization is None or "all" in request.GET)
    if organization is None and not is_desk:
        raise Forbidden("role_needed", _("这一页供合同双方使用，请先登记单位。"))
    rows = dues(due_contracts(None if is_desk else organization), clock.now())
    late = [row for row in rows if row.is_overdue]
    words = {
        "is_desk": is_desk,
        "acting": organization,
        "only_late": "late" in request.GET,
        "page": Paginator(late if "late" in request.GET else rows, 30).get_page(request.GET.get("page")),
        "count": len(rows),
        "late_count": len(late),
        "late_fen": sum(row.milestone.amount_fen for row in late),
    }
    return render(request, "contracts/due.html", words)


@require_safe
@login_required
@never_cache
def statement(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show both sides what was paid in, returned and settled for a contract; as page, CSV or Excel."""
    shown, side = readable(request, number=number)
    rows = statement_of_group(transfer_group=shown.number)
    if answer := statement_file(
        request.GET.get("format", ""), rows, name=f"{shown.number}-statement", title=shown.number, with_debt=False
    ):
        return answer
    return render(request, "contracts/statement.html", {"contract": shown, "side": side, "rows": list(rows)})
