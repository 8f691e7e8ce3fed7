"""What people fill in about money: a refund, the conditions of a list, the account to be paid to."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.core.forms import RefusalFormMixin, YuanField

from .actions.invoices import FILES
from .actions.refund_requests import LEAST_WORDS, MOST_WORDS
from .lists import STATES
from .models import Invoice

MOBILE = re.compile(r"1[3-9]\d{9}")


class RefundForm(RefusalFormMixin, forms.Form):
    """Take how much goes back and why. `token` makes two presses one refund."""

    amount_fen = YuanField(
        label=gettext_lazy("退款金额（元）"), error_messages={"required": gettext_lazy("请填写退款金额。")}
    )
    note = forms.CharField(
        label=gettext_lazy("退款原因"),
        help_text=gettext_lazy("收款机构会看到，例如“经双方商定，减少一处钻孔”。"),
        min_length=LEAST_WORDS,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": gettext_lazy("请写明退款原因。"),
            "min_length": gettext_lazy("请写明退款原因，5 到 200 个字。"),
            "max_length": gettext_lazy("请写明退款原因，5 到 200 个字。"),
        },
    )
    token = forms.RegexField(r"\A[\w-]{16,40}\Z", widget=forms.HiddenInput)

    def __init__(self, *args: Any, left_fen: int, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"token": secrets.token_urlsafe(16)})
        super().__init__(*args, **kwargs)
        self.left_fen = left_fen

    def clean_amount_fen(self) -> int:
        amount = int(self.cleaned_data["amount_fen"])
        if not 0 < amount <= self.left_fen:
            raise forms.ValidationError(_("退款金额须大于零，且不超过尚在保管的金额。"), code="amount_too_large")
        return amount


class ListForm(forms.Form):
    """Take the conditions of a payer's list; what is wrong is left out."""

    state = forms.ChoiceField(
        label=gettext_lazy("状态"), required=False, choices=[("", gettext_lazy("全部状态")), *STATES]
    )
    q = forms.CharField(label=gettext_lazy("款项、机构或编号"), required=False, max_length=80)
    since = forms.DateField(label=gettext_lazy("从"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=gettext_lazy("到"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def conditions(self) -> dict[str, Any]:
        """Return what `payments_list` takes."""
        self.is_valid()
        given = self.cleaned_data
        return {
            "state": given.get("state", ""),
            "words": given.get("q", "").strip(),
            "since": given.get("since"),
            "until": given.get("until"),
        }


class PeriodForm(forms.Form):
    """Take the days of a statement, both included."""

    since = forms.DateField(label=gettext_lazy("从"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=gettext_lazy("到"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            self.add_error("until", forms.ValidationError(_("结束日期不能早于开始日期。"), code="period_reversed"))
        return given


class AccountForm(RefusalFormMixin, forms.Form):
    """Take the Alipay account that a firm is paid to, typed twice: money sent to a wrong one is hard to get back."""

    alipay_account = forms.CharField(
        label=gettext_lazy("收款支付宝账号"),
        help_text=gettext_lazy("手机号码或电子邮箱。账号的实名须与单位名称一致，否则支付宝会拒绝收款。"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("请填写收款支付宝账号。")},
    )
    again = forms.CharField(
        label=gettext_lazy("再填一次"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("请再填一次，以免写错。")},
    )

    def clean_alipay_account(self) -> str:
        account = str(self.cleaned_data["alipay_account"]).strip()
        if not MOBILE.fullmatch(account):
            try:
                validate_email(account)
            except forms.ValidationError as wrong:
                message = _("支付宝账号是 11 位手机号码或电子邮箱，请检查。")
                raise forms.ValidationError(message, code="account_invalid") from wrong
        return account

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        account, again = given.get("alipay_account"), given.get("again")
        if account and again and account != again.strip():
            self.add_error("again", forms.ValidationError(_("两次填写的账号不一样。"), code="account_differs"))
        return given


class InvoiceRequestForm(RefusalFormMixin, forms.Form):
    """Take which invoice a payer wants, and in whose name."""

    kind = forms.ChoiceField(
        label=gettext_lazy("发票种类"), choices=Invoice.Kind.choices, initial=Invoice.Kind.ELECTRONIC
    )
    title = forms.CharField(
        label=gettext_lazy("发票抬头"),
        max_length=160,
        error_messages={"required": gettext_lazy("请填写发票抬头。")},
    )
    tax_code = forms.CharField(
        label=gettext_lazy("纳税人识别号"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("专用发票必填，一般就是统一社会信用代码。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class InvoiceIssueForm(RefusalFormMixin, forms.Form):
    """Take an issued invoice: its number, its date, its file."""

    number = forms.CharField(
        label=gettext_lazy("发票号码"),
        max_length=24,
        help_text=gettext_lazy("8 位或 20 位数字，数电发票为 20 位。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("请填写发票号码。")},
    )
    issued_date = forms.DateField(
        label=gettext_lazy("开票日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("请填写开票日期。"),
            "invalid": gettext_lazy("请填写日期，例如 2026-12-01。"),
        },
    )
    file = forms.FileField(
        label=gettext_lazy("发票文件"),
        help_text=gettext_lazy("PDF、OFD、JPG 或 PNG，最多 20 MB。"),
        allow_empty_file=True,  # the action says it in our words
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ",".join(f".{kind}" for kind in FILES)}),
        error_messages={"required": gettext_lazy("请选择发票文件。")},
    )


class InvoiceVoidForm(RefusalFormMixin, forms.Form):
    """Take why an invoice is void."""

    reason = forms.CharField(
        label=gettext_lazy("原因"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("请写明作废的原因。")},
    )
