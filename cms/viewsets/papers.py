"""Desks of what a government service matter takes and gives: application materials and results."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column

from marketplace.catalog.models import ApplicationMaterial, ApprovalResult

from .curated import Curated


class MaterialDesk(Curated):
    """Curate the papers that applicants hand in, and which of them a result of the marketplace may be."""

    model = ApplicationMaterial
    icon = "doc-full"
    menu_label = _("申请材料")
    list_display = [
        "name",
        Column("matter", label=_("事项")),
        Column("form", label=_("材料形式"), accessor="get_form_display"),
        BooleanColumn("is_from_marketplace", label=_("可关联中介超市材料"), sort_key="is_from_marketplace"),
    ]
    list_filter = ["is_from_marketplace", "form"]
    search_fields = ["name", "name_en", "matter__name", "matter__code"]
    form_fields = ["matter", "name", "name_en", "form", "copies", "is_required", "is_from_marketplace", "note"]
    inspect_view_fields = [*form_fields, "services"]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Fetch the matters along."""
        rows: QuerySet[ApplicationMaterial] = ApplicationMaterial.objects.select_related("matter")
        return super().get_index_view_kwargs(queryset=rows, **kwargs)


class ResultDesk(Curated):
    """Curate what matters end with."""

    model = ApprovalResult
    icon = "check"
    menu_label = _("审批结果")
    list_display = [
        "name",
        Column("matter", label=_("事项")),
        Column("kind", label=_("结果类型"), accessor="get_kind_display"),
        Column("validity", label=_("有效期限"), accessor="validity_label"),
    ]
    list_filter = ["kind"]
    search_fields = ["name", "name_en", "matter__name", "matter__code"]
    form_fields = ["matter", "name", "name_en", "kind", "validity_count", "validity_unit"]
    inspect_view_fields = form_fields

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Fetch the matters along."""
        rows: QuerySet[ApprovalResult] = ApprovalResult.objects.select_related("matter")
        return super().get_index_view_kwargs(queryset=rows, **kwargs)
