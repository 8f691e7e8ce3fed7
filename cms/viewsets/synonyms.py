"""The desk of words that mean the same: look, add, change, remove, and see the effect on searches before it is made."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column

from marketplace.core import clock
from marketplace.core.refusals import Refused
from search.actions import add_synonym, change_synonym, check_group, remove_synonym
from search.engine import Unavailable
from search.models import Synonym
from search.preview import effects

from ..forms.synonyms import SynonymForm
from .columns import MomentColumn
from .desk import Desk, DeskInspect, DeskNew, Verb


class SynonymNew(DeskNew):
    """Add a group: "preview" shows what each word would find, "save" makes it so."""

    template_name = "cms/synonyms/form.html"
    page_title = gettext_lazy("添加同义词")
    submit_label = gettext_lazy("保存")
    form_class = SynonymForm
    row: Synonym | None = None

    def form_valid(self, form: Any) -> HttpResponse:
        """Show the effect when that was asked for."""
        return self.preview(form) if "preview" in self.request.POST else super().form_valid(form)

    def preview(self, form: Any) -> HttpResponse:
        """Show what each word finds today and would find, or the refusal that saving would meet."""
        try:
            words, also = check_group(**form.cleaned_data, without=self.row.pk if self.row else None)
            found = effects(tuple(words), tuple(also), changed=self.row)
        except Unavailable:
            found = None
        except Refused as refused:
            form.add_refusal(refused)
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, effects=found, is_preview=True))

    def run(self, form: Any) -> Synonym:
        """Add it."""
        synonym = add_synonym(**form.cleaned_data, by=self.request.user, now=clock.now())
        messages.success(self.request, _("已添加，现在起搜索即按此查找。"))
        return synonym


class SynonymChange(SynonymNew):
    """Change a group."""

    page_title = gettext_lazy("修改同义词")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Find the group."""
        super().setup(request, *args, **kwargs)
        self.row = get_object_or_404(Synonym, pk=kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        """Begin with its words."""
        assert self.row is not None
        return {"words": self.row.words, "also": self.row.also}

    def run(self, form: Any) -> Synonym:
        """Change it."""
        assert self.row is not None
        synonym = change_synonym(synonym=self.row, **form.cleaned_data, by=self.request.user, now=clock.now())
        messages.success(self.request, _("已保存，现在起搜索即按此查找。"))
        return synonym


class SynonymInspect(DeskInspect):
    """Show a group with what each word finds; removing it leads back to the list."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Leave a page that is no longer there."""
        answer = super().post(request, *args, **kwargs)
        if isinstance(answer, HttpResponseRedirect) and not Synonym.objects.filter(pk=self.object.pk).exists():
            return redirect(self.viewset.get_url_name("index"))
        return answer


class SynonymDesk(Desk):
    """Curate words that mean the same."""

    model = Synonym
    icon = "link"
    menu_label = gettext_lazy("同义词")
    inspect_view_class = SynonymInspect
    new_view_class = SynonymNew
    list_display = [
        Column("words", label=gettext_lazy("意思相同的词"), accessor=str, sort_key="words"),
        Column("also", label=gettext_lazy("一并查找的词"), accessor=lambda row: "、".join(row.also_list)),
        MomentColumn("updated_at", label=gettext_lazy("最近修改"), sort_key="updated_at"),
    ]
    search_fields = ["words", "also"]
    search_backend_name = None
    ordering = ("words",)
    list_export = ["words", "also", "updated_at"]
    export_filename = "synonyms"
    inspect_view_fields = ["words", "also", "updated_at"]
    verbs = (
        Verb(
            "remove",
            gettext_lazy("删除"),
            lambda row, _reason, by, now: remove_synonym(synonym=row, by=by, now=now),
            lambda _row: True,
            gettext_lazy("已删除，这些词从现在起各找各的。"),
            reason="none",
            is_danger=True,
        ),
    )

    def links(self, row: Synonym) -> list[tuple[str, str]]:
        """Lead to the form."""
        return [(reverse(self.get_url_name("change"), args=[row.pk]), _("修改"))]

    def show_words(self, row: Synonym) -> str:
        """Show the words on one line."""
        return str(row)

    def show_also(self, row: Synonym) -> str:
        """Show the words on one line."""
        return "、".join(row.also_list)

    def get_urlpatterns(self) -> list[Any]:
        """Add the form."""
        change = SynonymChange.as_view(viewset=self)
        return [*super().get_urlpatterns(), path("change/<int:pk>/", change, name="change")]
