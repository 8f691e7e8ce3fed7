"""What all desks share: lists with states, a page per row, and buttons that call actions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView
from wagtail.admin.auth import permission_denied
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton
from wagtail.permissions import ModelPermissionPolicy

from marketplace.core import clock
from marketplace.core.money import format_yuan, to_yuan
from marketplace.core.refusals import Refused


@dataclass(frozen=True)
class Verb:
    """Be a button of a desk: the action behind it, when it shows, and the reason that it asks for.

    `run` takes (row, reason, by, now); `may` tells from the row's state whether it shows; `done` is or makes what is said then.
    """

    name: str
    label: Any
    run: Callable[[Any, str, Any, datetime], Any]
    may: Callable[[Any], bool]
    done: Any
    reason: str = "needed"  # needed, optional or none
    hint: Any = ""
    is_danger: bool = False


class DeskPolicy(ModelPermissionPolicy):
    """Let people look; rows change by actions alone."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Allow "view" by Django's permission, and "decide" to staff who may change."""
        if action == "view":
            return super().user_has_permission(user, "view")
        return action == "decide" and bool(user.is_staff) and super().user_has_permission(user, "change")

    def users_with_any_permission(self, actions: Any) -> QuerySet[Any]:
        """Return those who may look."""
        return super().users_with_any_permission(["view"])


class DeskIndex(IndexView):
    """List the rows of a desk."""

    any_permission_required = ["view"]
    viewset: Any = None
    # Spreadsheets hold yuan as digits, ready to add up.
    custom_field_preprocess = {"ceiling_fen": {"csv": to_yuan, "xlsx": to_yuan}}

    def get_base_queryset(self) -> QuerySet[Any]:
        """Fetch along what the columns show."""
        return self.viewset.seen_by(self.viewset.rows(), self.request.user)

    @property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer the form by which those who decide make a new row, where the desk has one."""
        if self.viewset.new_view_class is None or not self.permission_policy.user_has_permission(
            self.request.user, "decide"
        ):
            return []
        url = reverse(self.viewset.get_url_name("new"))
        return [HeaderButton(str(self.viewset.new_view_class.page_title), url=url, icon_name="plus")]

    def _get_custom_column(self, field_name: str, column_class: Any = Column, **kwargs: Any) -> Any:
        """Take labels of our own first."""
        column = super()._get_custom_column(field_name, column_class, **kwargs)
        column.label = self.viewset.labels.get(field_name, column.label)
        return column


class DeskInspect(InspectView):
    """Show one row, with the buttons that its state allows, and take their presses."""

    any_permission_required = ["view"]
    template_name = "cms/desk/inspect.html"
    verbs: tuple[Verb, ...] = ()
    viewset: Any = None

    def get_object(self, queryset: Any = None) -> Any:
        """Fetch along what the fields show, of a row that this person may look at."""
        get_object_or_404(self.viewset.seen_by(self.model._default_manager.all(), self.request.user), pk=self.pk)
        return super().get_object(queryset) if queryset else self.viewset.row(self.pk)

    def get_page_title(self) -> str:
        """Say which row it is."""
        return str(self.object)

    def get_page_subtitle(self) -> str:
        """Leave the second line empty."""
        return ""

    def get_field_label(self, field_name: str, field: Any) -> str:
        """Take labels of our own first."""
        return str(self.viewset.labels.get(field_name) or super().get_field_label(field_name, field))

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        """Show what the desk computes for a field, else the field."""
        if field_name == "file" and getattr(self.object, "file", None) and not self.decides:
            return _("有材料，只给管理机构查看")  # the pages that guard files would refuse
        shown = getattr(self.viewset, f"show_{field_name}", None)
        value = shown(self.object) if shown else super().get_field_display_value(field_name, field)
        if field_name.endswith("_fen") and isinstance(value, int):
            return f"¥{format_yuan(value)}"
        if isinstance(value, bool):
            return _("是") if value else _("否")
        if isinstance(value, list):
            value = "、".join(str(one) for one in value)
        return "—" if value is None or value == "" else value

    @property
    def decides(self) -> bool:
        """Tell whether this person decides here, or only looks."""
        return bool(self.permission_policy.user_has_permission(self.request.user, "decide"))

    @property
    def offered(self) -> list[Verb]:
        """Give the verbs that this person may use on this row now."""
        if not self.decides:
            return []
        return [verb for verb in self.verbs if verb.may(self.object)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the buttons, the link to the public page, and the newest events about the row."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {
            **context,
            "verbs": self.offered,
            "public_url": self.viewset.public_url(self.object),
            "links": self.viewset.links(self.object) if self.decides else [],
            "typed": {},
            **kwargs,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Run a verb; a refusal comes back as its sentence with what was typed."""
        if not self.decides:
            return permission_denied(request)
        name, reason = request.POST.get("verb", ""), request.POST.get("reason", "")
        try:
            verb = next((verb for verb in self.verbs if verb.name == name), None)
            if verb is None:
                raise Refused("verb_unknown", _("没有这个操作，请刷新页面。"), status=404)
            verb.run(self.object, reason, request.user, clock.now())
        except Refused as refused:
            messages.error(request, str(refused))
            context = self.get_context_data(typed={"verb": name, "reason": reason, "error": str(refused)})
            return self.render_to_response(context, status=refused.status)
        messages.success(request, str(verb.done(self.object)) if callable(verb.done) else str(verb.done))
        return redirect(self.viewset.get_url_name("inspect"), self.object.pk)


class DeskForm(WagtailAdminTemplateMixin, FormView, ABC):
    """Call an action from a form for those who decide; a refusal comes back at its field."""

    template_name = "cms/desk/new.html"
    page_title: Any = ""
    submit_label: Any = ""
    viewset: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in only who may decide."""
        if not self.viewset.permission_policy.user_has_permission(request.user, "decide"):
            return permission_denied(request)
        return super().dispatch(request, *args, **kwargs)

    @abstractmethod
    def answer(self, form: Any) -> HttpResponse:
        """Call the action with what was typed and lead on."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Lead on, or come back with the refusal."""
        try:
            return self.answer(form)
        except Refused as refused:
            form.add_refusal(refused)
            return self.form_invalid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again with what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=form.status)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the desk."""
        desk = {"url": reverse(self.viewset.get_url_name("index")), "label": self.viewset.menu_label}
        return [*self.breadcrumbs_items, desk, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the word of the button."""
        return {**super().get_context_data(**kwargs), "submit_label": self.submit_label}


class DeskNew(DeskForm):
    """Make a new row by an action."""

    @abstractmethod
    def run(self, form: Any) -> Model:
        """Call the action with what was typed and return the new row."""

    def answer(self, form: Any) -> HttpResponse:
        """Go to the new row."""
        return redirect(self.viewset.get_url_name("inspect"), self.run(form).pk)


class Desk(ModelViewSet):
    """Be a desk over rows that only actions change: list, page, buttons; no form writes a field."""

    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = DeskIndex
    inspect_view_class = DeskInspect
    inspect_template_name = "cms/desk/inspect.html"
    list_per_page = 30
    related: tuple[str, ...] = ()
    verbs: tuple[Verb, ...] = ()
    labels: dict[str, Any] = {}
    new_view_class: Any = None

    @property
    def permission_policy(self) -> DeskPolicy:
        """Look and decide, nothing else."""
        return DeskPolicy(self.model)

    def public_url(self, row: Any) -> str:
        """Return where the public sees the row, "" where it does not."""
        own = getattr(row, "get_absolute_url", None)
        return str(own()) if own else ""

    def links(self, row: Any) -> list[tuple[str, str]]:
        """Return the forms about this row for those who decide: (address, words)."""
        return []

    def rows(self) -> QuerySet[Any]:
        """Return the rows with their relations."""
        found: QuerySet[Any] = self.model._default_manager.select_related(*self.related)
        return found

    def seen_by(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Return the rows that this person may look at: all, but where a desk says otherwise."""
        return rows

    def row(self, pk: Any) -> Model:
        """Return one row or answer 404."""
        found: Model = get_object_or_404(self.rows(), pk=pk)
        return found

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Give the list its desk."""
        return super().get_index_view_kwargs(viewset=self, **kwargs)

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Give the page its desk and verbs."""
        return super().get_inspect_view_kwargs(viewset=self, verbs=self.verbs, **kwargs)

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave out the addresses that a desk does not have."""
        values: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        for name in ("history", "usage", "add", "edit", "delete"):
            values[f"{name}_url_name"] = None
        return values

    def get_urlpatterns(self) -> list[Any]:
        """Offer the list, its results, and the page of a row."""
        new = self.new_view_class
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("inspect/<int:pk>/", self.inspect_view, name="inspect"),
            *([path("new/", new.as_view(viewset=self), name="new")] if new else []),
        ]

    def register_admin_url_finder(self) -> None:
        """Register nothing: there is no edit page to find."""
