"""Short forms of a need: a file, a firm, a confirmation, a reason, a question, an answer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core.forms import RefusalFormMixin
from marketplace.parties.models import Organization


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
        label=_("我已核对以上内容，知道发布后只能公开变更。"),
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


class FirmForm(RefusalFormMixin, forms.Form):
    """Ask which of the firms found is invited."""

    organization = forms.ModelChoiceField(
        Organization.objects.active().intermediaries(),
        label=_("机构"),
        error_messages={
            "required": _("请先查找，再选择一家机构。"),
            "invalid_choice": _("请选择一家已入驻的中介机构。"),
        },
    )


class AvoidanceForm(FirmForm):
    """Ask which firm is kept out, and why."""

    reason = forms.CharField(
        label=_("回避理由"),
        max_length=200,
        help_text=_("向公众公开，例如“编制单位不得承担同一项目的评审”。"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明回避的理由，它会公开。")},
    )
