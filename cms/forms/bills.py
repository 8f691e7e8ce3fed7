"""Input of the reconciliation desk: a bill by hand, and the payment that unknown money belongs to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy

from marketplace.core.forms import RefusalFormMixin
from payments.bills.archive import MAX_ARCHIVE
from payments.models import Charge


class BillForm(RefusalFormMixin, forms.Form):
    """Take a bill's ZIP as it was downloaded at Alipay."""

    file = forms.FileField(
        label=gettext_lazy("账单文件"),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip"}),
        help_text=gettext_lazy(
            "从支付宝商家平台下载的压缩包（ZIP），不要解压。业务账单、资金账单都可以，系统自己辨认。"
        ),
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_ARCHIVE:
            raise forms.ValidationError(gettext_lazy("文件超过 64 MB，不像一天的账单。"), code="bill_refused")
        return file


class SettleForm(RefusalFormMixin, forms.Form):
    """Name the payment by any of its numbers, and say why."""

    charge = forms.CharField(
        label=gettext_lazy("属于哪一笔付款"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("付款编号 pi_…，或者它的一次付款尝试 py_…。金额须与待查款项相同，且尚未付清。"),
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("怎样查明的，例如“付款单位来函说明，附支付宝回单”。"),
    )

    def clean_charge(self) -> Charge:
        """Find the newest attempt of the payment that the number names."""
        number = self.cleaned_data["charge"].strip()
        charge = Charge.objects.filter(Q(pk=number) | Q(out_trade_no=number) | Q(intent_id=number)).first()
        if charge is None:
            raise forms.ValidationError(gettext_lazy("没有这笔付款。"), code="charge_unknown")
        return charge
