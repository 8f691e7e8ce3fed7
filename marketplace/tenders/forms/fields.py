"""Fields of needs: rows of the catalogue, a firm by name or code, criteria row by row."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.catalog.queries import region_tree
from marketplace.catalog.states import ServiceStatus
from marketplace.parties.models import Organization
from marketplace.projects.models import InvestmentProject
from marketplace.tenders.queries import find_firms
from marketplace.tenders.rule_data import CRITERIA_BY

CRITERIA_ROWS = 6
GIVERS = {
    "owner": gettext_lazy("业主评分"),
    "scorers": gettext_lazy("评审人员评分"),
    "price": gettext_lazy("按报价计算"),
    "credit": gettext_lazy("按信用分计算"),
}


class LabelChoiceField(forms.ModelChoiceField):
    """Name rows of the catalogue in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.label)


class LabelsChoiceField(forms.ModelMultipleChoiceField):
    """Name rows of the catalogue in the reader's language, several of them."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.label)


class CaseChoiceField(forms.ModelChoiceField):
    """Name an approval case by its matter and number."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.matter.label}（{obj.number}）"


class FirmField(forms.CharField):
    """Take a firm by its name, a part of it, or its code; when several fit, say which, so that one can be typed."""

    def prepare_value(self, value: Any) -> Any:
        return value.name if isinstance(value, Organization) else value

    def clean(self, value: Any) -> Organization | None:
        words = super().clean(value)
        if not words:
            return None
        found = find_firms(words, limit=6)
        if len(found) == 1 or (found and found[0].name == words and found[1].name != words):
            return found[0]
        if not found:
            raise forms.ValidationError(_("没有找到这家机构，请核对名称或统一社会信用代码。"), code="firm_unknown")
        names = "；".join(f"{firm.name} {firm.uscc or ''}".strip() for firm in found)
        raise forms.ValidationError(
            _("有几家机构符合，请填写完整名称或代码：%(names)s") % {"names": names}, code="firm_ambiguous"
        )


class CriteriaWidget(forms.Widget):
    """Draw criteria as rows of name, points and who gives them; empty rows are for more."""

    use_fieldset = True

    def __init__(self, method: str) -> None:
        super().__init__()
        self.givers = CRITERIA_BY.get(method, ())

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Any]]:
        rows = []
        for place in range(CRITERIA_ROWS):
            title, points = (str(data.get(f"{name}-{place}-{part}", "")).strip() for part in ("name", "points"))
            if title or points:
                by = str(data.get(f"{name}-{place}-by", ""))
                key = by if by in {"price", "credit"} else str(data.get(f"{name}-{place}-key", ""))[:20]
                rows.append({"key": key or f"c{place + 1}", "name": title, "points": points, "by": by})
        return rows

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(str(key).startswith(f"{name}-") for key in data)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = [row for row in value or [] if isinstance(row, dict)]
        rows += [{} for _number in range(CRITERIA_ROWS - len(rows))]
        drawn = format_html_join("", "{}", ((self._row(name, place, row),) for place, row in enumerate(rows)))
        return format_html('<div class="criteria">{}</div>', drawn)

    def _row(self, name: str, place: int, row: dict[str, Any]) -> SafeString:
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (giver, SafeString(" selected") if row.get("by") == giver else "", GIVERS[giver])
                for giver in self.givers
            ),
        )
        return format_html(
            '<div class="criteria-row"><input type="hidden" name="{0}-{1}-key" value="{2}">'
            '<input id="id_{0}_{1}" name="{0}-{1}-name" value="{3}" maxlength="40" aria-label="{4}" placeholder="{4}">'
            '<input name="{0}-{1}-points" value="{5}" inputmode="numeric" aria-label="{6}" placeholder="{6}">'
            '<select name="{0}-{1}-by" aria-label="{7}">{8}</select></div>',
            name,
            place,
            row.get("key", ""),
            row.get("name", ""),
            _("标准名称"),
            row.get("points", ""),
            _("分值"),
            _("由谁评分"),
            options,
        )


class CriteriaField(forms.Field):
    """Take criteria as rows; what is wrong with their sum the action says."""

    def __init__(self, method: str, **kwargs: Any) -> None:
        super().__init__(widget=CriteriaWidget(method), **kwargs)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        rows = super().clean(value) or []
        for row in rows:
            if not str(row["points"]).isdecimal():
                raise forms.ValidationError(
                    _("“%(name)s”的分值应为 1 至 100 的整数。") % {"name": row["name"]}, code="criteria_points"
                )
        return [{**row, "points": int(row["points"])} for row in rows]


def service_choices(project: InvestmentProject | None) -> list[Any]:
    """Return the services by class, those that the project's cases ask for first."""
    services = list(ServiceCategory.objects.exclude(status=ServiceStatus.CANCELLED).order_by("code"))
    choices: list[Any] = [("", _("请选择"))]
    if project is not None:
        wanted = set(
            ServiceCategory.objects.filter(matters__approvalcase__project=project).values_list("pk", flat=True)
        )
        fitting = [(one.pk, one.label) for one in services if one.pk in wanted]
        if fitting:
            choices.append((_("这个项目的审批事项需要的服务"), fitting))
            services = [one for one in services if one.pk not in wanted]
    for value, label in ServiceCategory.Group.choices:
        rows = [(one.pk, one.label) for one in services if one.group == value]
        if rows:
            choices.append((label, rows))
    return choices


def region_choices() -> list[Any]:
    """Return the regions: each city, then its counties with their townships."""
    choices: list[Any] = [("", _("请选择"))]
    for city in region_tree():
        choices.append((city.pk, city.label))
        for county in city.children.all():
            rows = [(county.pk, county.label), *((town.pk, town.label) for town in county.children.all())]
            choices.append((county.label, rows))
    known = {
        pk
        for choice in choices
        for pk in ([row[0] for row in choice[1]] if isinstance(choice[1], list) else [choice[0]])
    }
    rest = Region.objects.exclude(level=Region.Level.PROVINCE).exclude(pk__in=[pk for pk in known if pk])
    return [*choices, *((one.pk, one.label) for one in rest)]
