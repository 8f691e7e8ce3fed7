"""What people fill in on a contract: its milestones, a result, a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core.forms import RefusalFormMixin, YuanField
from marketplace.core.refusals import Refused

from .actions.delivery import KINDS
from .actions.drafting import MOST, Terms
from .models import Contract


class MilestoneForm(forms.Form):
    title = forms.CharField(
        label=_("节点内容"), max_length=120, error_messages={"required": _("请写这个节点要交付什么。")}
    )
    amount_fen = YuanField(label=_("金额（元）"), error_messages={"required": _("请填写金额。")})
    due_date = forms.DateField(
        label=_("交付期限"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请填写交付期限。"), "invalid": _("请填写日期，例如 2026-12-01。")},
    )


class BaseMilestones(forms.BaseFormSet[MilestoneForm]):
    """The rows of a contract's milestones; empty ones at the end are left out."""

    refusal_status = 0

    def terms(self) -> list[Terms]:
        """Return the rows that are filled in and not marked to go."""
        return [
            Terms(title=row["title"], amount_fen=row["amount_fen"], due_date=row["due_date"])
            for row in (form.cleaned_data for form in self.forms if form not in self.deleted_forms)
            if row
        ]

    def add_refusal(self, refused: Refused) -> None:
        """Say above the rows what the action refused."""
        self.non_form_errors().append(str(refused.message))
        self.refusal_status = refused.status

    @property
    def status(self) -> int:
        """Give the HTTP status to answer with."""
        if not self.is_bound:
            return 200
        return self.refusal_status or 422

    def add_fields(self, form: MilestoneForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("去掉这个节点")


MilestoneFormSet: type[BaseMilestones] = forms.formset_factory(
    MilestoneForm,
    formset=BaseMilestones,
    extra=1,
    max_num=MOST,
    absolute_max=MOST + 2,
    validate_max=True,
    can_delete=True,
)  # type: ignore[assignment]


def milestones_of(contract: Contract) -> list[dict[str, Any]]:
    """Return the rows that the form starts with."""
    return [dict(row) for row in contract.milestones.order_by("number").values("title", "amount_fen", "due_date")]


class DeliveryForm(RefusalFormMixin, forms.Form):
    file = forms.FileField(
        label=_("成果文件"),
        help_text=_("可上传 pdf、ofd、docx、xlsx、jpg、png，最大 20 MB。平台会记录文件指纹。"),
        allow_empty_file=True,  # the action says it in our words
        widget=forms.FileInput(attrs={"accept": ",".join(f".{kind}" for kind in KINDS)}),
        error_messages={
            "required": _("请选择要提交的成果文件。"),
            "max_length": _("文件名太长，请改短后再上传。"),
        },
        max_length=200,
    )
    note = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _("说明最多 300 个字。")},
    )


class ReturnForm(RefusalFormMixin, forms.Form):
    reason = forms.CharField(
        label=_("退回原因"),
        help_text=_("写明哪里需要修改，机构会收到。"),
        min_length=5,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("请写明退回原因。"),
            "min_length": _("请写明退回原因，5 到 300 个字。"),
            "max_length": _("请写明退回原因，5 到 300 个字。"),
        },
    )
