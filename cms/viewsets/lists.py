"""The desk of the catalogue's lists: take one out as a file, bring it back, see what would change, apply all or nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.auth import permission_denied
from wagtail.admin.ui.tables import Column

from marketplace.catalog.actions import apply_import, discard_import, export_list, preview_import
from marketplace.catalog.lists.preview import OUTCOMES, SAME, WRONG, error_rows
from marketplace.catalog.lists.sheets import CHINESE, write_sheet
from marketplace.catalog.models import CatalogImport
from marketplace.catalog.states import IMPORT, ImportStatus
from marketplace.core import clock

from ..forms.lists import ListForm
from .columns import MomentColumn, StateColumn
from .desk import Desk, DeskIndex, DeskInspect, DeskNew, Verb

PER_PAGE = 50
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
OUTCOME_WORDS = {
    "wrong": gettext_lazy("有错"),
    "new": gettext_lazy("新增"),
    "changed": gettext_lazy("修改"),
    "same": gettext_lazy("不变"),
}
OUTCOME_KINDS = {"wrong": "danger", "new": "open", "changed": "waiting", "same": "done"}
ERROR_HEADINGS = (
    gettext_lazy("行"),
    gettext_lazy("列"),
    gettext_lazy("列名"),
    gettext_lazy("编码"),
    gettext_lazy("问题"),
)


def is_ready(upload: CatalogImport) -> bool:
    """Tell whether a preview may be applied: without an error, and something would change."""
    changes = upload.counts.get("new", 0) + upload.counts.get("changed", 0)
    return IMPORT.allows(upload.status, ImportStatus.APPLIED) and changes > 0 and not upload.counts.get(WRONG)


def counts_in_words(upload: CatalogImport) -> str:
    """Say how many rows have which outcome."""
    counts = [(OUTCOME_WORDS[name], upload.counts.get(name, 0)) for name in ("new", "changed", "same", "wrong")]
    return "，".join(f"{words} {count}" for words, count in counts if count) or "—"


def attachment(content: bytes, name: str, kind: str) -> HttpResponse:
    """Answer with a file to keep."""
    return HttpResponse(
        content,
        content_type=TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"', "X-Content-Type-Options": "nosniff"},
    )


class ListUpload(DeskNew):
    """Take a file and lead to its preview."""

    template_name = "cms/lists/upload.html"
    page_title = gettext_lazy("导入清单")
    submit_label = gettext_lazy("上传并预览")
    form_class = ListForm

    def run(self, form: Any) -> CatalogImport:
        """Keep the file with its preview."""
        given = form.cleaned_data
        return preview_import(name=given["name"], file=given["file"], by=self.request.user, now=clock.now())


class ListIndex(DeskIndex):
    """List the files, under the links that take each list out."""

    template_name = "cms/lists/index.html"

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the links."""
        links = [
            (label, [(words, reverse("desk_lists:export", args=[name, kind])) for kind, words in CHINESE.items()])
            for name, label in CatalogImport.List.choices
        ]
        return {**super().get_context_data(*args, **kwargs), "exports": links}


class ListInspect(DeskInspect):
    """Show what a file would do, or did, row by row."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows of one outcome, a page of them; errors first, then what changes."""
        upload: CatalogImport = self.object
        counts = {name: upload.counts.get(name, 0) for name in ("wrong", "new", "changed", "same")}
        asked = self.request.GET.get("outcome", "")
        chosen = asked if asked in OUTCOMES else next((name for name, count in counts.items() if count), SAME)
        found = Paginator([row for row in upload.plan if row[1] == chosen], PER_PAGE)
        page = found.get_page(self.request.GET.get("page"))
        tabs = [(name, OUTCOME_WORDS[name], count, OUTCOME_KINDS[name]) for name, count in counts.items()]
        return {
            **super().get_context_data(**kwargs),
            "tabs": tabs,
            "chosen": chosen,
            "page": page,
            "pages": found.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            "errors_url": reverse("desk_lists:errors", args=[upload.pk]) if counts["wrong"] else "",
            "is_ready": is_ready(upload),
            "is_open": upload.status == ImportStatus.PREVIEWED,
        }


def _apply(row: CatalogImport, _reason: str, by: Any, now: datetime) -> CatalogImport:
    return apply_import(upload=row, by=by, now=now)


def _discard(row: CatalogImport, _reason: str, by: Any, now: datetime) -> CatalogImport:
    return discard_import(upload=row, by=by, now=now)


class ListDesk(Desk):
    """Take lists of the catalogue out and in."""

    model = CatalogImport
    icon = "table"
    menu_label = gettext_lazy("服务目录导入导出")
    index_view_class = ListIndex
    index_template_name = "cms/lists/index.html"
    inspect_view_class = ListInspect
    inspect_template_name = "cms/lists/preview.html"
    new_view_class = ListUpload
    related = ("uploaded_by", "decided_by")
    list_display = [
        "name",
        Column("listing", label=gettext_lazy("清单"), accessor="get_listing_display"),
        Column("counts", label=gettext_lazy("各类行数"), accessor=counts_in_words),
        StateColumn(),
        Column("uploaded_by", label=gettext_lazy("上传人")),
        MomentColumn("uploaded_at", label=gettext_lazy("上传时间"), sort_key="uploaded_at"),
    ]
    list_filter = ["listing", "status"]
    search_fields = ["name"]
    search_backend_name = None
    ordering = "-pk"
    inspect_view_fields = ["listing", "name", "sha256", "counts", "status", "uploaded_by", "uploaded_at", "decided_at"]
    verbs = (
        Verb(
            "apply",
            gettext_lazy("全部导入"),
            _apply,
            is_ready,
            lambda row: _("已导入：%(counts)s。") % {"counts": counts_in_words(row)},
            reason="none",
        ),
        Verb(
            "discard",
            gettext_lazy("放弃这个文件"),
            _discard,
            lambda row: IMPORT.allows(row.status, ImportStatus.DISCARDED),
            gettext_lazy("已放弃，目录没有改动。"),
            reason="none",
            is_danger=True,
        ),
    )

    def rows(self) -> Any:
        """Return the files; the list needs no rows of them."""
        return super().rows().defer("plan")

    def show_counts(self, row: CatalogImport) -> str:
        """Say how many rows have which outcome."""
        return counts_in_words(row)

    def get_urlpatterns(self) -> list[Any]:
        """Add the files that go out."""
        return [
            *super().get_urlpatterns(),
            path("export/<str:name>.<str:kind>", self.export, name="export"),
            path("errors/<int:pk>.csv", self.errors, name="errors"),
        ]

    def export(self, request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
        """Give a whole list as a file to those who may look."""
        if not self.permission_policy.user_has_permission(request.user, "view"):
            return permission_denied(request)
        if name not in CatalogImport.List.values or kind not in CHINESE:
            raise Http404
        now = clock.now()
        return attachment(export_list(name=name, kind=kind, now=now), f"{name}-{now:%Y%m%d}", kind)

    def errors(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Give every error of a file as a list to those who may look."""
        if not self.permission_policy.user_has_permission(request.user, "view"):
            return permission_denied(request)
        upload = get_object_or_404(CatalogImport, pk=pk)
        headings = [str(words) for words in ERROR_HEADINGS]
        return attachment(write_sheet("csv", upload.name, headings, error_rows(upload.plan)), f"errors-{pk}", "csv")
