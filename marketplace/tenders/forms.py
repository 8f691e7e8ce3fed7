"""Input of needs: terms, files, confirmation, questions, answers, reasons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.catalog.queries import region_tree
from marketplace.catalog.states import ServiceStatus
from marketplace.core.forms import MomentField, RefusalFormMixin, YuanField
from marketplace.parties.models import Organization
from marketplace.projects.models import ApprovalCase, InvestmentProject

from .models import Tender


class LabelChoiceField(forms.ModelChoiceField):
    """Name rows of the catalogue in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.label)


class CaseChoiceField(forms.ModelChoiceField):
    """Name an approval case by its matter and number."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.matter.label}（{obj.number}）"


class TermsForm(RefusalFormMixin, forms.Form):
    """Ask for the terms of a need. What only the action can know (order of times, step below ceiling) it says itself."""

    project = forms.ModelChoiceField(
        InvestmentProject.objects.none(), label=_("投资项目"), required=False, empty_label=_("不关联项目")
    )
    case = CaseChoiceField(
        ApprovalCase.objects.none(),
        label=_("审批件"),
        required=False,
        empty_label=_("不对应审批件"),
        help_text=_("成果会送到这个审批件。"),
    )
    title = forms.CharField(
        label=_("需求名称"),
        max_length=120,
        min_length=4,
        help_text=_("写清项目和服务，例如“月湖区标准厂房项目水土保持方案编制”。"),
    )
    service = LabelChoiceField(ServiceCategory.objects.none(), label=_("中介服务"), empty_label=_("请选择"))
    region = LabelChoiceField(Region.objects.none(), label=_("服务地点"), empty_label=_("请选择"))
    description = forms.CharField(
        label=_("服务内容与要求"), max_length=8000, widget=forms.Textarea(attrs={"rows": 9}), min_length=10
    )
    delivery_days = forms.IntegerField(
        label=_("服务时限（天）"), min_value=1, max_value=1095, help_text=_("自合同生效起算，自然日。")
    )
    money_kind = forms.ChoiceField(
        label=_("资金性质"), choices=Tender.MoneyKind.choices, widget=forms.RadioSelect, initial=Tender.MoneyKind.SOCIAL
    )
    ceiling_fen = YuanField(label=_("最高限价"), help_text=_("机构的报价不能高于它。"))
    step_fen = YuanField(label=_("最小降价幅度"), help_text=_("每次报价至少比当前最低价低这么多。"))
    signup_ends_at = MomentField(label=_("报名截止"))
    selection_at = MomentField(label=_("竞价开始"))
    auction_ends_at = MomentField(label=_("竞价结束"), help_text=_("结束前两分钟内有新的最低价会自动延时。"))
    contact_name = forms.CharField(label=_("联系人"), max_length=60)
    contact_phone = forms.RegexField(
        r"^[0-9+() \-]{7,20}$",
        label=_("联系电话"),
        error_messages={"invalid": _("请填写电话号码，例如 0701-6220001。")},
    )
    complaint_phone = forms.RegexField(
        r"^[0-9+() \-]{5,20}$",
        label=_("投诉电话"),
        help_text=_("向公众公开，由您单位负责接听。"),
        error_messages={"invalid": _("请填写电话号码，例如 0701-12345。")},
    )

    def __init__(self, *args: Any, organization: Organization, project: InvestmentProject | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        for field in fields.values():
            field.error_messages["required"] = _("请填写这一项。")
        fields["project"].queryset = InvestmentProject.objects.filter(owner=organization).order_by("-fetched_at", "-pk")
        cases = ApprovalCase.objects.filter(project__owner=organization).select_related("matter")
        fields["case"].queryset = cases.filter(project=project) if project and not self.is_bound else cases
        fields["service"].queryset = ServiceCategory.objects.exclude(status=ServiceStatus.CANCELLED)
        fields["service"].choices = _service_choices(project)
        fields["region"].queryset = Region.objects.exclude(level=Region.Level.PROVINCE)
        fields["region"].choices = _region_choices()


def _service_choices(project: InvestmentProject | None) -> list[Any]:
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


def _region_choices() -> list[Any]:
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


class DocumentForm(RefusalFormMixin, forms.Form):
    """Ask for a file."""

    file = forms.FileField(
        label=_("附件"),
        help_text=_("pdf、ofd、docx、xlsx、jpg、png，最大 20 MB。"),
        error_messages={"required": _("请选择文件。"), "empty": _("这个文件是空的，请重新选择。")},
    )


class PublishForm(RefusalFormMixin, forms.Form):
    """Ask for a clear yes before the public reads it."""

    confirmed = forms.BooleanField(
        label=_("我已核对以上内容，知道发布后条款不能修改。"),
        error_messages={"required": _("请核对后勾选确认。")},
    )


class ReasonForm(RefusalFormMixin, forms.Form):
    """Ask why a need is ended."""

    reason = forms.CharField(
        label=_("原因"),
        max_length=200,
        help_text=_("向公众公开。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明原因，它会向公众公开。")},
    )


class QuestionForm(RefusalFormMixin, forms.Form):
    """Ask for a question."""

    text = forms.CharField(
        label=_("您的问题"),
        max_length=1000,
        help_text=_("公开显示，不显示提问的机构。请勿写出机构名称。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写下您的问题。")},
    )


class AnswerForm(RefusalFormMixin, forms.Form):
    """Ask for an answer."""

    text = forms.CharField(
        label=_("答复"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写下答复。")},
    )
