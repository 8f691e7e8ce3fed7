"""A refund as an administrator orders it."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.core.forms import RefusalFormMixin, YuanField
from payments.actions.refund_requests import LEAST_WORDS, MOST_WORDS
from payments.models import PaymentIntent


class RefundForm(RefusalFormMixin, forms.Form):
    """Name the payment, how much of what is held goes back, and why; `token` makes two presses one refund."""

    intent = forms.CharField(
        label=gettext_lazy("付款编号"),
        max_length=40,
        help_text=gettext_lazy("以 pi_ 开头，见“付款”。"),
        error_messages={"required": gettext_lazy("请填写付款编号。")},
    )
    amount_fen = YuanField(
        label=gettext_lazy("退款金额（元）"),
        required=False,
        help_text=gettext_lazy("不填就退回尚在保管的全部金额。已结算给机构的不能在这里退。"),
    )
    note = forms.CharField(
        label=gettext_lazy("退款原因"),
        min_length=LEAST_WORDS,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("业主和机构都会看到，例如“双方解除合同”。"),
        error_messages={
            "required": gettext_lazy("请写明退款原因。"),
            "min_length": gettext_lazy("请写明退款原因，5 到 200 个字。"),
        },
    )
    token = forms.RegexField(r"\A[\w-]{16,40}\Z", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", secrets.token_urlsafe(16))

    def clean_intent(self) -> PaymentIntent:
        """Find the payment."""
        found = PaymentIntent.objects.filter(pk=self.cleaned_data["intent"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("没有这个付款编号。"), code="payment_unknown")
        return found
