"""Batch entry for associations: one page to send a list, one to read what each row came to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused

from ..access import current_organization
from ..actions.batches import COLUMNS, HEADINGS, discard_batch, read_batch, run_batch
from ..forms import BatchForm
from ..models import EntryBatch, EntryBatchRow
from ..rules import is_administrator, may_enter_batch
from ..spreadsheets import excel_file
from ..states import EntryBatchRowStatus, EntryBatchStatus

PAGE = 50
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXAMPLE = (
    "91360602MA00000000",
    "示例测绘有限公司",
    "张三",
    "13800000000",
    "地形图测绘、宗地测绘",
    "a@example.com",
    "",
    "",
    "",
)
WIDTHS = (24, 32, 12, 18, 40, 26, 14, 32, 12)


@never_cache
@login_required
def batch(request: HttpRequest) -> HttpResponse:
    """Take a list, read it and go to its preview; below the form, the lists sent before."""
    organization = current_organization(request)
    initial = {"association": organization.name if organization else ""}
    form = BatchForm(request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid():
        user: Any = request.user
        try:
            row = read_batch(by=user, now=clock.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return redirect("parties:batch_list", pk=row.pk)
    mine = EntryBatch.objects.filter(user=request.user).annotate(count=Count("rows"))[:20]  # type: ignore[misc]
    context = {"form": form, "mine": mine, "may_enter": may_enter_batch(request.user), "columns": COLUMNS.values()}
    return render(request, "parties/batch.html", context, status=form.status)


@never_cache
@login_required
def batch_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a list's rows, wrong ones first, before it runs, while it runs and after; the middle part refreshes itself."""
    row = _mine(request, pk)
    counts = dict(row.rows.order_by().values_list("status").annotate(number=Count("pk")))
    total = sum(counts.values())
    only = request.GET.get("status", "")
    rows = row.rows.select_related("organization").order_by("number")
    if only in EntryBatchRowStatus.values:
        rows = rows.filter(status=only)
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for one in shown:
        one.words = [(COLUMNS.get(column, column), words) for column, words in one.problems]  # type: ignore[attr-defined]
    context = {
        "batch": row,
        "page": shown,
        "only": only,
        "counts": [(value, label, counts.get(value, 0)) for value, label in EntryBatchRowStatus.choices],
        "ready": counts.get(EntryBatchRowStatus.READY, 0),
        "wrong": counts.get(EntryBatchRowStatus.WRONG, 0),
        "total": total,
        "done": total - counts.get(EntryBatchRowStatus.READY, 0),
        "is_running": row.status == EntryBatchStatus.RUNNING,
    }
    template = "parties/batch_progress.html" if request.headers.get("HX-Request") else "parties/batch_list.html"
    return render(request, template, context)


@require_POST
@login_required
def batch_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to enter the rows without problems, or give the list up."""
    row = _mine(request, pk)
    if "discard" in request.POST:
        discard_batch(batch=row, by=request.user)
        return redirect("parties:batch")
    run_batch(batch=row, by=request.user, now=clock.now())
    return redirect("parties:batch_list", pk=pk)


@login_required
def batch_results(request: HttpRequest, pk: int) -> HttpResponse:
    """Give every row with what became of it as Excel; corrected, the same file can be sent again."""
    row = _mine(request, pk)
    heading = [*HEADINGS.values(), _("行号"), _("结果"), _("说明")]
    lines = [_line(one) for one in row.rows.select_related("organization").order_by("number").iterator(chunk_size=500)]
    return _download(excel_file(heading, lines, title=_("结果"), widths=(*WIDTHS, 8, 16, 60)), f"entry-{pk}.xlsx")


def batch_template(request: HttpRequest) -> HttpResponse:
    """Give an empty list with its heading and one example row."""
    return _download(excel_file(list(HEADINGS.values()), [EXAMPLE], title="机构名单", widths=WIDTHS), "entry.xlsx")


def _line(row: EntryBatchRow) -> list[str]:
    values = {**row.values, "services": "、".join(row.values.get("services", []))}
    words = "；".join(f"{COLUMNS.get(column, column)}：{said}" for column, said in row.problems)
    if row.status == EntryBatchRowStatus.ENTERED:
        words = _("已发送确认邮件。") if values["email"] else _("没有邮箱：请该机构打开入驻页面，填写代码后确认。")
    return [*(str(values[key]) for key in HEADINGS), str(row.number), str(row.get_status_display()), words]


def _download(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=EXCEL, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _mine(request: HttpRequest, pk: int) -> EntryBatch:
    row = get_object_or_404(EntryBatch.objects.select_related("user"), pk=pk)
    if not (row.user_id == request.user.pk or is_administrator(request.user)):
        raise Forbidden("not_yours", _("这份名单是别人上传的。"))
    return row
