"""Public notices for everybody: the list, each of them, and the form by which one objects."""

from __future__ import annotations

from pathlib import PurePath

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused

from .. import queries
from ..actions import end_publicity, object_to_publicity
from ..forms import PublicityObjectionForm
from ..models import Publicity, PublicityObjection
from ..rules import may_see_objector
from ..states import PublicityObjectionStatus, PublicityStatus

PAGE = 20


def publicities(request: HttpRequest) -> HttpResponse:
    """List the notices that run, and those that are over, twenty a page."""
    rows = queries.shown_publicities()
    state = request.GET.get("state", "open")
    running = (PublicityStatus.OPEN, PublicityStatus.HELD)
    shown = rows.exclude(status__in=running) if state == "past" else rows.filter(status__in=running)
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    names = {"open": _("正在公示"), "past": _("已经结束")}
    tabs = [(label, f"?state={value}", "") for value, label in names.items()]
    context = {"page": page, "tabs": tabs, "now": names["past" if state == "past" else "open"], "state": state}
    return render(request, "parties/publicities.html", context)


def publicity(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a notice with what it shows, the objections that were decided, and the button to object while it runs."""
    row = _noticed(pk)
    return render(request, "parties/publicity.html", _context(row))


def objecting(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an objection from anybody, signed in or not."""
    row = _noticed(pk)
    name = getattr(request.user, "display_name", "")
    initial = {"name": name, "phone": getattr(request.user, "phone", "")}
    form = PublicityObjectionForm(request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid():
        try:
            object_to_publicity(
                publicity=row,
                by=request.user,
                address=request.META.get("REMOTE_ADDR", ""),
                now=clock.now(),
                **form.cleaned_data,
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("异议已收到，公示暂缓。管理机构核实后处理，处理意见在本页公开。"))
            return redirect(row)
    return render(request, "parties/publicity_object.html", {**_context(row), "form": form}, status=form.status)


def _noticed(pk: int) -> Publicity:
    """Return a notice; whoever looks at one whose days are over ends it."""
    row = get_object_or_404(Publicity.objects.select_related("organization__process"), pk=pk)
    if row.status == PublicityStatus.OPEN and row.ends_at <= clock.now():
        try:
            row = end_publicity(publicity=row, now=clock.now())
        except Refused:  # somebody was faster
            row.refresh_from_db()
    return row


def _context(row: Publicity) -> dict[str, object]:
    running = (PublicityStatus.OPEN, PublicityStatus.HELD)
    decided = row.objections.exclude(status=PublicityObjectionStatus.FILED)
    return {
        "notice": row,
        "is_running": row.status in running,
        "waiting": row.objections.filter(status=PublicityObjectionStatus.FILED).count(),
        "decided": decided.order_by("decided_at", "pk"),
    }


@login_required
def objection_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand what was sent along with an objection to those who may know whose it is: papers name people."""
    row = get_object_or_404(PublicityObjection, pk=pk)
    if not may_see_objector(request.user, row):
        raise Forbidden("not_administrator", _("异议的材料只给管理机构查看。"))
    if not row.file:
        raise Http404
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=PurePath(str(row.file)).name)
