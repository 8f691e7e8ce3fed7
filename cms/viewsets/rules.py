"""The desk of the rules of selection: look at versions, compare them, and adopt a new one."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column

from marketplace.core import clock
from marketplace.tenders.actions import adopt_rule_set, rule_set_for
from marketplace.tenders.models import Method, RuleSet
from marketplace.tenders.queries import rules_in_words
from marketplace.tenders.rule_data import DEFAULTS

from ..forms import RuleSetForm
from ..rule_words import differences
from .columns import MomentColumn
from .desk import Desk, DeskNew


def standing(row: Any) -> str:
    """Say whether a version is in force, not yet, or no longer; `is_replaced` is annotated by the desk."""
    if row.since > clock.now():
        return _("尚未生效")
    return _("已被替代") if row.is_replaced else _("现行")


def basis_of(row: RuleSet) -> RuleSet | None:
    """Return the version with which to compare: the last before it of its own scope, else the last for everything."""
    earlier = RuleSet.objects.filter(method=row.method, version__lt=row.version).order_by("-version")
    own = earlier.filter(region=row.region_id, money_kind=row.money_kind).first()
    return own or earlier.filter(region=None, money_kind="").first()


class RuleSetNew(DeskNew):
    """Adopt a version: choose the method, change what is to change, look at the comparison, confirm."""

    template_name = "cms/desk/rule_new.html"
    page_title = gettext_lazy("制定新版本")
    submit_label = gettext_lazy("核对修改")
    form_class = RuleSetForm
    changes: list[tuple[str, str, str]] = []

    @property
    def method(self) -> str:
        """Give the method chosen in the address, "" before."""
        given = self.request.GET.get("method", "")
        return given if given in Method.values else ""

    def basis(self) -> RuleSet:
        """Return the version named in the address, else the one in force for everything."""
        named = self.request.GET.get("from", "")
        found = RuleSet.objects.filter(method=self.method, pk=named).first() if named.isdecimal() else None
        return found or rule_set_for(method=self.method, region=None, money_kind="", now=clock.now())

    def get_form(self, form_class: Any = None) -> Any:
        """Build the fields of the chosen method's rules."""
        if not self.method:
            return None
        row = self.basis()
        scope = {"region": row.region_id, "money_kind": row.money_kind}
        return RuleSetForm(self.request.POST or None, method=self.method, base=row.data, initial=scope)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a form only when a method is chosen."""
        return super().post(request, *args, **kwargs) if self.method else self.get(request)

    def form_valid(self, form: Any) -> HttpResponse:
        """Show what would change; adopt when the same content comes back confirmed."""
        if form.cleaned_data["seen"] == form.fingerprint:
            return super().form_valid(form)
        form.data = form.data.copy()
        form.data["seen"] = form.fingerprint
        self.changes = differences(self.method, form.base, form.data_given)
        return self.render_to_response(self.get_context_data(form=form, is_checked=True))

    def run(self, form: Any) -> RuleSet:
        """Adopt it."""
        given = form.cleaned_data
        row = adopt_rule_set(
            method=self.method,
            region=given["region"],
            money_kind=given["money_kind"],
            data=form.data_given,
            since=given["since"],
            note=given["note"],
            by=self.request.user,  # type: ignore[arg-type]
        )
        messages.success(self.request, _("第 %(version)s 版已发布，到时间自动生效。") % {"version": row.version})
        return row

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the methods to choose from, or the comparison and the rules in words."""
        context = super().get_context_data(**kwargs)
        if not self.method:
            return {**context, "methods": Method.choices}
        form = context["form"]
        sentences = rules_in_words(self.method, form.data_given) if kwargs.get("is_checked") else []
        return {
            **context,
            "method_label": Method(self.method).label,
            "basis": self.basis(),
            "changes": self.changes,
            "sentences": sentences,
        }


class RuleSetDesk(Desk):
    """Look at the versions of the rules; nobody edits or deletes one."""

    model = RuleSet
    icon = "list-ol"
    menu_label = gettext_lazy("选取规则")
    related = ("region", "adopted_by")
    new_view_class = RuleSetNew
    ordering = ("method", "-version")
    list_display = [
        "method",
        Column("version", label=gettext_lazy("版本"), sort_key="version"),
        Column("region", label=gettext_lazy("适用地区"), accessor=lambda row: row.region or _("全部地区")),
        Column(
            "money_kind",
            label=gettext_lazy("适用资金"),
            accessor=lambda row: row.get_money_kind_display() or _("全部资金"),
        ),
        MomentColumn("since", label=gettext_lazy("生效时间"), sort_key="since"),
        Column("standing", label=gettext_lazy("效力"), accessor=standing),
        Column("note", label=gettext_lazy("修订说明")),
    ]
    list_filter = ["method", "region", "money_kind"]
    search_fields = ["note"]
    search_backend_name = None
    inspect_view_fields = [
        "method", "version", "standing", "region", "money_kind", "since", "note", "adopted_by", "words", "changes", "data",
    ]  # fmt: skip
    labels = {
        "standing": gettext_lazy("效力"), "adopted_by": gettext_lazy("发布人"), "words": gettext_lazy("规则内容"),
        "changes": gettext_lazy("与上一版的不同"), "data": gettext_lazy("规则数据"),
    }  # fmt: skip

    def rows(self) -> QuerySet[Any]:
        """Mark the versions that a newer one of their own scope has replaced."""
        place = Coalesce("region_id", Value(0))
        newer = (
            RuleSet.objects.alias(place=place)
            .filter(
                method=OuterRef("method"),
                money_kind=OuterRef("money_kind"),
                place=OuterRef("place"),
                version__gt=OuterRef("version"),
                since__lte=clock.now(),
            )
            .values("pk")
        )
        rows = super().rows().alias(place=place)
        return rows.annotate(is_replaced=Exists(newer)).order_by(F("method"), F("version").desc())

    def show_standing(self, row: Any) -> str:
        """Say whether it is in force."""
        return standing(row)

    def show_region(self, row: RuleSet) -> str:
        """Name the place."""
        return str(row.region or _("全部地区"))

    def show_money_kind(self, row: RuleSet) -> str:
        """Name the money."""
        return row.get_money_kind_display() or _("全部资金")

    def show_adopted_by(self, row: RuleSet) -> str:
        """Name who adopted it."""
        return str(row.adopted_by or _("系统（第一版）"))

    def show_words(self, row: RuleSet) -> str:
        """Show the rules as sentences."""
        sentences = rules_in_words(row.method, {**DEFAULTS[row.method], **row.data})
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{}</li>", ((one,) for one in sentences)))

    def show_changes(self, row: RuleSet) -> str:
        """Show what differs from the version before."""
        basis = basis_of(row)
        if basis is None:
            return _("这是第一版。")
        changed = differences(row.method, basis.data, row.data)
        if not changed:
            return _("与第 %(version)s 版相同，适用范围不同。") % {"version": basis.version}
        rows = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", changed)
        return format_html(
            '<table class="desk-changes"><thead><tr><td></td><th>{}</th><th>{}</th></tr></thead><tbody>{}</tbody></table>',
            _("第 %(version)s 版") % {"version": basis.version},
            _("这一版"),
            rows,
        )

    def show_data(self, row: RuleSet) -> str:
        """Show the data as JSON."""
        text = json.dumps(row.data, ensure_ascii=False, indent=2)
        return format_html("<details><summary>{}</summary><pre>{}</pre></details>", _("展开"), text)

    def links(self, row: RuleSet) -> list[tuple[str, str]]:
        """Offer the form that begins with this version."""
        new = reverse(self.get_url_name("new"))
        return [(f"{new}?method={row.method}&from={row.pk}", _("以这一版为基础制定新版本"))]
