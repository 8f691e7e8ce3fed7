"""What desks share whose words administrators edit in forms: every edit is an action, and a row's page tells its history."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import log
from wagtail.permissions import ModelPermissionPolicy

from marketplace.catalog.actions import add_row, change_row, stamps
from marketplace.core import clock
from marketplace.core.refusals import Refused

from ..catalog_history import history
from .desk import DeskInspect, Verb


class KeptPolicy(ModelPermissionPolicy):
    """Let nobody delete: what a need, a firm or a certificate names stays. "decide" is for staff who may change."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Answer as Django's permissions do, but for deleting; who adds, changes or decides is staff besides."""
        if action in {"add", "change", "decide"}:
            wanted = "change" if action == "decide" else action
            return bool(user.is_staff) and bool(super().user_has_permission(user, wanted))
        return action != "delete" and bool(super().user_has_permission(user, action))


class ByAction:
    """Let a form of Wagtail's write through an action; what that refuses comes back at its field."""

    form: Any
    request: Any
    has_content_changes = False

    def form_valid(self, form: Any) -> HttpResponse:
        """Write, or show the form again with the refusal."""
        try:
            return super().form_valid(form)  # type: ignore[misc]
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            self.produced_error_message = self.get_error_message()  # type: ignore[attr-defined]
            return self.form_invalid(form)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Give what was typed, as the model's own checks have left it."""
        row, given = self.form.instance, self.form.cleaned_data
        many = {field.name for field in row._meta.many_to_many}
        return {name: given[name] if name in many else getattr(row, name) for name in given}


class RowCreate(ByAction, CreateView):
    """Add a row."""

    def save_instance(self) -> Any:
        """Add it by the action."""
        row = add_row(model=self.model, values=self.values(), by=self.request.user, now=clock.now())
        log(instance=row, action="wagtail.create", content_changed=True)
        return row


class RowEdit(ByAction, EditView):
    """Change a row; the form takes along how its fields were, so two people at once lose nothing."""

    template_name = "cms/desk/edit.html"
    is_told = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how the fields are, or were when the person began; who is told of another one's change has seen it."""
        context = super().get_context_data(**kwargs)
        seen = self.seen() if context["form"].is_bound and not self.is_told else {}
        row = self.model._default_manager.get(pk=self.object.pk)
        return {**context, "seen": json.dumps({**stamps(row, context["form"].fields), **seen})}

    def seen(self) -> dict[str, str]:
        """Return how the fields were when the person began, as the form has brought it back."""
        try:
            found = json.loads(self.request.POST.get("seen", ""))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def save_instance(self) -> Any:
        """Change it by the action."""
        user = self.request.user
        try:
            row = change_row(row=self.form.instance, values=self.values(), by=user, now=clock.now(), seen=self.seen())
        except Refused as refused:
            self.is_told = refused.code == "row_changed_meanwhile"
            raise
        self.has_content_changes = self.form.has_changed()
        log(instance=row, action="wagtail.edit", content_changed=self.has_content_changes)
        return row


class RowInspect(DeskInspect):
    """Show a row with its verbs and its history."""

    any_permission_required = ["add", "change", "view"]
    template_name = "cms/desk/row.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what happened to the row, the newest first."""
        return {**super().get_context_data(**kwargs), "history": history(self.object)}


class Curated(ModelViewSet):
    """Be a desk whose words administrators edit."""

    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    list_per_page = 50
    search_backend_name = None
    add_view_class = RowCreate
    edit_view_class = RowEdit
    inspect_view_class = RowInspect
    inspect_template_name = "cms/desk/row.html"
    verbs: tuple[Verb, ...] = ()
    labels: dict[str, Any] = {}

    @property
    def permission_policy(self) -> ModelPermissionPolicy:
        """Keep every row."""
        return KeptPolicy(self.model)

    def public_url(self, row: Any) -> str:
        """Return where the public sees the row, "" where it does not."""
        own = getattr(row, "get_absolute_url", None)
        return str(own()) if own else ""

    def links(self, row: Any) -> list[tuple[str, str]]:
        """Lead to the form."""
        return [(reverse(self.get_url_name("edit"), args=[row.pk]), _("修改"))]

    def seen_by(self, rows: Any, user: Any) -> Any:
        """Return the rows that this person may look at: all."""
        return rows

    def row(self, pk: Any) -> Any:
        """Return one row."""
        return self.model._default_manager.get(pk=pk)

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Give the page its desk and verbs."""
        return super().get_inspect_view_kwargs(viewset=self, verbs=self.verbs, **kwargs)

    @property
    def history_view(self) -> Any:
        """Lead to the history on the row's page: it tells more than Wagtail's list of edits."""

        def to_the_page(request: HttpRequest, pk: int) -> HttpResponse:
            return redirect(f"{reverse(self.get_url_name('inspect'), args=[pk])}#history")

        return to_the_page

    history_results_view = history_view
