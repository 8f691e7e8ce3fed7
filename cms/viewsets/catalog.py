"""Desks of the catalogue and of templates: words are edited in forms, a service's status by its actions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet

from marketplace.catalog.actions import adjust_service, cancel_service, keep_service
from marketplace.catalog.elements import GROUPS
from marketplace.catalog.flaws import flaws
from marketplace.catalog.models import QualificationKind, Region, RegionAlias, ServiceCategory, ServiceMatter
from marketplace.catalog.states import SERVICE, ServiceStatus
from marketplace.tenders.models import TenderTemplate

from ..forms import TemplateForm
from ..forms.grades import GradesField
from .columns import StateColumn
from .curated import Curated
from .desk import Verb


class ServiceForm(WagtailAdminModelForm):
    """Edit a service's words and requirement; the requirement names kinds and grades that there are and may be demanded."""

    def clean_requirement(self) -> Any:
        """Refuse a requirement tree that the rules could not read."""
        requirement = self.cleaned_data["requirement"] or {}
        kinds: dict[str, Any] = {kind.code: kind for kind in QualificationKind.objects.all()}
        if wrong := flaws(requirement, kinds, timezone.localdate()):
            raise forms.ValidationError(wrong)
        return requirement


def with_units(fields: tuple[str, ...]) -> Iterator[str]:
    """Yield the fields of an element, after a number that has a unit the unit."""
    for name in fields:
        yield name
        if name.endswith("_count"):
            yield name.replace("_count", "_unit")


def _verb(name: str, label: Any, act: Callable[..., Any], status: ServiceStatus, done: Any) -> Verb:
    """Return the button that brings a service to `status`."""

    def run(row: ServiceCategory, reason: str, by: Any, now: datetime) -> Any:
        return act(service=row, reason=reason, by=by, now=now)

    def may(row: ServiceCategory) -> bool:
        return row.status != status and SERVICE.allows(row.status, status)

    return Verb(name, label, run, may, done, hint=_("调整的依据会公开。"), is_danger=status == ServiceStatus.CANCELLED)


class ServiceDesk(Curated):
    """Curate services."""

    model = ServiceCategory
    icon = "list-ul"
    menu_label = _("中介服务事项")
    list_display = ["name", "code", "group", "department", "entrusted_by", "requirement_text", StateColumn()]
    list_filter = ["group", "status", "department", "entrusted_by", "may_prepare_itself", "price_kind"]
    search_fields = ["name", "code", "name_en"]
    inspect_view_fields = [
        "code", "name", "name_en", "group", "matters", "materials", "department", "legal_basis", "entrusted_by",
        "may_prepare_itself", "requirement_text", "requirement", "price_kind", "price_basis", "reference", "output",
        "validity", "status", "status_date", "status_source",
    ]  # fmt: skip
    labels: dict[str, Any] = {"reference": _("参考时限"), "validity": _("成果有效期")}
    edit_handler = ObjectList(
        [
            HelpPanel(content=_("状态在详情页用“保留、调整、取消”改变，并写明依据。")),
            MultiFieldPanel([FieldPanel("code"), FieldPanel("group")], heading=_("编码和类别")),
            MultiFieldPanel([FieldPanel("name"), FieldPanel("name_en")], heading=_("名称")),
            MultiFieldPanel([FieldPanel("matters"), FieldPanel("materials")], heading=_("所服务的事项和材料")),
            MultiFieldPanel([FieldPanel("department"), FieldPanel("department_en")], heading=_("主管部门")),
            FieldPanel("legal_basis"),
            MultiFieldPanel(
                [FieldPanel("requirement_text"), FieldPanel("requirement_text_en"), FieldPanel("requirement")],
                heading=_("机构要求"),
            ),
            MultiFieldPanel([FieldPanel("entrusted_by"), FieldPanel("may_prepare_itself")], heading=_("由谁委托")),
            MultiFieldPanel(
                [FieldPanel(name) for name in ("price_kind", "price_basis", "reference_count", "reference_unit")],
                heading=_("收费和时限"),
            ),
            MultiFieldPanel(
                [FieldPanel(f"output{end}") for end in ("", "_en")]
                + [FieldPanel(f"validity_{part}") for part in ("count", "unit", "note")],
                heading=_("服务成果"),
            ),
        ],
        base_form_class=ServiceForm,
    )
    verbs = (
        _verb("keep", _("保留"), keep_service, ServiceStatus.KEPT, _("事项已恢复为保留。")),
        _verb("adjust", _("标记为调整"), adjust_service, ServiceStatus.ADJUSTED, _("事项已标记为调整。")),
        _verb(
            "cancel", _("取消这项服务"), cancel_service, ServiceStatus.CANCELLED, _("事项已取消，不再接受新的需求。")
        ),
    )

    def row(self, pk: Any) -> ServiceCategory:
        """Return one service."""
        return ServiceCategory.objects.prefetch_related("matters", "materials__matter").get(pk=pk)

    def show_requirement(self, row: ServiceCategory) -> str:
        """Show the tree as it is written in files."""
        if not row.requirement:
            return str(_("没有资质或人员要求"))
        return format_html("<pre>{}</pre>", json.dumps(row.requirement, ensure_ascii=False, indent=2))

    def show_reference(self, row: ServiceCategory) -> str:
        """Say how long it takes."""
        return row.reference_label

    def show_validity(self, row: ServiceCategory) -> str:
        """Say for how long the result holds."""
        return _("；").join(str(part) for part in (row.validity_label, row.validity_note) if part)


class RegionDesk(Curated):
    """Curate places."""

    model = Region
    icon = "site"
    menu_label = _("区划")
    list_display = ["name", "code", "level", Column("parent", label=_("上级"))]
    list_filter = ["level"]
    search_fields = ["name", "code", "name_en"]
    form_fields = ["code", "name", "name_en", "level", "parent", "latitude", "longitude"]
    inspect_view_fields = ["code", "name", "name_en", "level", "parent", "latitude", "longitude"]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Fetch the parents along."""
        rows: QuerySet[Region] = Region.objects.select_related("parent")
        return super().get_index_view_kwargs(queryset=rows, **kwargs)


class AliasDesk(Curated):
    """Curate the codes that places had before."""

    model = RegionAlias
    icon = "history"
    menu_label = _("旧区划代码")
    list_display = ["code", "name", Column("region", label=_("现区划")), "valid_from", "valid_until"]
    search_fields = ["name", "code", "region__name"]
    form_fields = ["region", "code", "name", "valid_from", "valid_until", "source"]
    inspect_view_fields = ["code", "name", "region", "valid_from", "valid_until", "source"]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Fetch the places along."""
        return super().get_index_view_kwargs(queryset=RegionAlias.objects.select_related("region"), **kwargs)


class KindForm(WagtailAdminModelForm):
    """Edit a kind; its grades are typed as words, the highest first."""

    grades = GradesField()


class KindDesk(Curated):
    """Curate kinds of qualification, of firms and of practitioners."""

    model = QualificationKind
    icon = "tag"
    menu_label = _("资质种类")
    list_display = ["name", "code", "holder", "authority", "abolished_on"]
    list_filter = ["holder"]
    search_fields = ["name", "code", "name_en", "authority"]
    inspect_view_fields = [
        "code", "holder", "name", "name_en", "authority", "grades", "abolished_on", "licence_type",
        "is_licence_type_local", "note",
    ]  # fmt: skip
    edit_handler = ObjectList([FieldPanel(name) for name in inspect_view_fields], base_form_class=KindForm)


class MatterDesk(Curated):
    """Curate government service matters: each element in its group."""

    model = ServiceMatter
    icon = "clipboard-list"
    menu_label = _("政务服务事项")
    ordering = "code"  # said, because counting drops the model's own
    list_display = [
        "name",
        "code",
        "department",
        "task_state",
        Column("services", label=_("中介服务数"), accessor="asked"),
    ]
    list_filter = ["department", "task_type", "task_state"]
    search_fields = ["name", "code", "name_en", "task_code", "catalog_code"]
    inspect_view_fields = [
        "code",
        *(field for _heading, part in GROUPS for one in part for field in one.fields),
        "services",
    ]
    edit_handler = ObjectList(
        [
            HelpPanel(content=_("国家编码不知道就留空，不要自编；页面会写明没有登记。材料和结果各有一个列表。")),
            MultiFieldPanel(
                [FieldPanel("code"), FieldPanel("name_en"), FieldPanel("department_en")], heading=_("本地编码和英文")
            ),
            *(
                MultiFieldPanel([FieldPanel(name) for one in part for name in with_units(one.fields)], heading=heading)
                for heading, part in GROUPS
            ),
        ]
    )

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Count each matter's services."""
        rows = ServiceMatter.objects.annotate(asked=Count("services"))
        return super().get_index_view_kwargs(queryset=rows, **kwargs)


class TemplateDesk(ModelViewSet):
    """Curate the texts from which owners start a need; what was started from one is not touched by its end."""

    model = TenderTemplate
    icon = "doc-empty"
    menu_label = _("需求模板")
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    list_per_page = 50
    search_backend_name = None
    list_display = [
        "name",
        Column("service", label=_("中介服务"), sort_key="service__code"),
        Column("method", label=_("选取方式"), accessor="get_method_display", sort_key="method"),
        Column("delivery_days", label=_("服务时限（天）"), sort_key="delivery_days"),
    ]
    list_filter = ["method", "service"]
    search_fields = ["name", "description", "service__name"]
    inspect_view_fields = ["service", "name", "method", "description", "requirement", "delivery_days", "criteria"]
    edit_handler = ObjectList(
        [
            MultiFieldPanel([FieldPanel("service"), FieldPanel("name")], heading=_("用于哪项服务")),
            FieldPanel("description"),
            FieldPanel("requirement"),
            MultiFieldPanel([FieldPanel("delivery_days"), FieldPanel("method")], heading=_("时限和选取方式")),
            FieldPanel("criteria"),
        ],
        base_form_class=TemplateForm,
    )

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Fetch the services along."""
        rows: QuerySet[TenderTemplate] = TenderTemplate.objects.select_related("service")
        return super().get_index_view_kwargs(queryset=rows, **kwargs)
