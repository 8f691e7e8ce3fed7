"""What people type to bid and to offer: an amount or a discount, a plan, the key or nonce of this submit."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core.forms import RefusalFormMixin, YuanField
from marketplace.tenders.models import WITH_PLAN, Tender

from .actions import Receipt
from .actions.offers import PLAN_KINDS
from .commitments import NONCE, POINTS, new_nonce


def new_key() -> str:
    """Return the key of one submit; the same key is the same bid."""
    return str(uuid.uuid4())


class BidForm(RefusalFormMixin, forms.Form):
    """Take one bid."""

    amount = YuanField(label=_("您的报价（元）"), error_messages={"required": _("请填写报价金额。")})
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    confirm = forms.BooleanField(label=_("我已核对金额，确认按此报价"), required=False)

    @classmethod
    def fresh(cls) -> BidForm:
        """Return an empty form with a key of its own."""
        return cls(initial={"key": new_key()})

    def with_new_key(self) -> None:
        """Change the key of a form that came back, keeping what was typed."""
        self.data = {**{name: self.data.get(name) for name in self.data}, "key": new_key()}

    @property
    def first_refusal(self) -> str:
        """Give the first sentence that says why the bid was not taken, or nothing."""
        return next((str(sentence) for sentences in self.errors.values() for sentence in sentences), "")

    @property
    def asks_to_confirm(self) -> bool:
        """Tell whether the page shows the confirmation: only once it is needed."""
        return self.has_error("confirm") or bool(self.is_bound and self.data.get("confirm"))


class ProxyForm(forms.Form):
    """Take the limit that a firm leaves with the system."""

    limit = YuanField(label=_("我的底线（元）"), required=False)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    @classmethod
    def fresh(cls) -> ProxyForm:
        """Return an empty form with a key of its own."""
        return cls(initial={"key": new_key()}, auto_id="id_proxy_%s")


class DiscountField(forms.CharField):
    """Take a discount in percent as people type it and give hundredths of a percent: 12.5 is 1250."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(max_length=12, **kwargs)

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        if value in self.empty_values:
            return None
        plain = unicodedata.normalize("NFKC", str(value)).strip().removesuffix("%").strip()
        match = re.fullmatch(r"(\d{1,2})(?:\.(\d{1,2})0*)?", plain)
        if match is None:
            raise forms.ValidationError(_("请填写 0 到 99.99 之间的下浮率，例如 12.5。"), code="discount_invalid")
        return int(match[1]) * (POINTS // 100) + int((match[2] or "").ljust(2, "0"))

    def run_validators(self, value: Any) -> None:
        """Skip the text validators: the value is a number by now."""


class OfferForm(RefusalFormMixin, forms.Form):
    """Take a sealed offer, with the fields that the need asks for. `nonce` makes a repeated submit the same offer."""

    amount = YuanField(label=_("您的报价"), error_messages={"required": _("请填写报价金额。")})
    discount = DiscountField(
        label=_("下浮率"),
        help_text=_("在最高限价上下浮的百分比，最多两位小数。"),
        error_messages={"required": _("请填写下浮率。")},
    )
    plan = forms.FileField(
        label=_("服务方案"),
        help_text=_(
            "一个 PDF、OFD 或 DOCX 文件，最大 20 MB。评审时只看代号，方案里请不要出现机构名称、标识和人员单位。"
        ),
        error_messages={"required": _("请上传服务方案。"), "empty": _("这个文件是空的，请重新选择。")},
        widget=forms.FileInput(attrs={"accept": ",".join(f".{kind}" for kind in PLAN_KINDS)}),
    )
    nonce = forms.RegexField(
        NONCE,
        widget=forms.HiddenInput,
        error_messages={"required": _("请刷新页面后再提交。"), "invalid": _("请刷新页面后再提交。")},
    )

    def __init__(self, *args: Any, tender: Tender, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["amount" if tender.price_kind == Tender.PriceKind.DISCOUNT else "discount"]
        if tender.method not in WITH_PLAN:
            del self.fields["plan"]

    @classmethod
    def fresh(cls, tender: Tender) -> OfferForm:
        """Return an empty form with a nonce of its own."""
        return cls(initial={"nonce": new_nonce()}, tender=tender)

    def offer(self) -> dict[str, Any]:
        """Return what was typed by the names of submit_offer()."""
        values = self.cleaned_data
        return {
            "amount_fen": values.get("amount"),
            "discount_points": values.get("discount"),
            "plan": values.get("plan"),
            "nonce": values["nonce"],
        }


class ReceiptForm(forms.Form):
    """Carry a receipt from the page that showed it to the file that it becomes; nothing is kept in between."""

    amount_fen = forms.IntegerField(widget=forms.HiddenInput)
    nonce = forms.RegexField(NONCE, widget=forms.HiddenInput)
    plan_sha256 = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptForm:
        """Return the form that carries `receipt`."""
        return cls(initial=asdict(receipt))


class NonceForm(forms.Form):
    """Take what a firm adds to the seed of the draw."""

    nonce = forms.CharField(
        label=_("自带随机数"),
        required=False,
        max_length=64,
        help_text=_("写任何文字或数字都行。它与平台的密值、公共随机源一起决定种子，所以谁也不能预先算出结果。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
