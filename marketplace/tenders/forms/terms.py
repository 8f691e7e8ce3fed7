"""The form of a need's terms: only what the method needs, in parts with few things each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core.forms import MomentField, RefusalFormMixin, YuanField
from marketplace.parties.models import Organization
from marketplace.projects.models import ApprovalCase, InvestmentProject
from marketplace.tenders.models import AuctionDirection, AuctionMode, Method, Tender

from .fields import (
    CaseChoiceField,
    CriteriaField,
    FirmField,
    LabelChoiceField,
    LabelsChoiceField,
)
from .fitting import fill_choices, name_price, offer_auctions, unused

_PHONE = {"invalid": gettext_lazy("请填写电话号码，例如 0701-6220001。")}
# Parts of the form: heading, then its lines; fields of one line stand side by side.
SECTIONS: tuple[tuple[Any, tuple[tuple[str, ...], ...]], ...] = (
    (gettext_lazy("为哪个项目"), (("project",), ("case",), ("local_code",))),
    (gettext_lazy("要什么服务"), (("title",), ("service",), ("description",), ("region", "place"), ("delivery_days",))),
    (gettext_lazy("选定的机构"), (("chosen_firm",), ("happened_at",), ("ground",), ("ground_reason",))),
    (gettext_lazy("怎样竞价"), (("auction_direction",), ("auction_mode",))),
    (
        gettext_lazy("资金与价格"),
        (("money_kind",), ("fiscal_percent",), ("price_kind",), ("ceiling_fen", "step_fen"), ("floor_fen",)),
    ),
    (gettext_lazy("评审标准"), (("criteria",),)),
    (gettext_lazy("时间（北京时间）"), (("signup_ends_at",), ("selection_at", "auction_ends_at"), ("is_urgent",))),
    (gettext_lazy("联系"), (("contact_name", "contact_phone"), ("complaint_phone",))),
)
# What most needs leave alone stands folded.
MORE: tuple[tuple[str, ...], ...] = (("more_services",), ("services_rule",), ("requirement",), ("minimum_credit",))


EMPTY = {
    "minimum_credit": 0,
    "fiscal_percent": 0,
    "services_rule": "all",
    "price_kind": "amount",
    "auction_mode": "open",
    "auction_direction": "down",
}


class TermsForm(RefusalFormMixin, forms.Form):
    """Ask for the terms of a need. What only the action can know (order of times, sum of points) it says itself."""

    method = forms.ChoiceField(choices=Method.choices, widget=forms.HiddenInput)
    project = forms.ModelChoiceField(
        InvestmentProject.objects.none(),
        label=gettext_lazy("投资项目"),
        required=False,
        empty_label=gettext_lazy("不关联项目"),
    )
    case = CaseChoiceField(
        ApprovalCase.objects.none(),
        label=gettext_lazy("审批件"),
        required=False,
        empty_label=gettext_lazy("不对应审批件"),
        help_text=gettext_lazy("成果会送到这个审批件。"),
    )
    local_code = forms.CharField(
        label=gettext_lazy("采购项目编码"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("没有投资项目时，可以填写本单位的采购编码。"),
    )
    title = forms.CharField(
        label=gettext_lazy("需求名称"),
        max_length=120,
        min_length=4,
        help_text=gettext_lazy("写清项目和服务，例如“月湖区标准厂房项目水土保持方案编制”。"),
    )
    service = LabelChoiceField(ServiceCategory.objects.none(), label=gettext_lazy("中介服务"))
    more_services = LabelsChoiceField(
        ServiceCategory.objects.none(),
        label=gettext_lazy("还需要的服务"),
        required=False,
        help_text=gettext_lazy("一次采购几项服务时选择，可以多选。"),
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    services_rule = forms.ChoiceField(
        label=gettext_lazy("几项服务时"), choices=Tender.ServicesRule.choices, widget=forms.RadioSelect, required=False
    )
    region = LabelChoiceField(Region.objects.none(), label=gettext_lazy("服务地点"))
    place = forms.CharField(label=gettext_lazy("详细地点"), max_length=200, required=False)
    description = forms.CharField(
        label=gettext_lazy("服务内容与要求"),
        max_length=8000,
        min_length=10,
        widget=forms.Textarea(attrs={"rows": 9}),
    )
    delivery_days = forms.IntegerField(
        label=gettext_lazy("服务时限（天）"),
        min_value=1,
        max_value=1095,
        help_text=gettext_lazy("自合同生效起算，自然日。"),
    )
    requirement = forms.CharField(
        label=gettext_lazy("对机构的其他要求"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("目录里的资质要求自动适用，不必重复；不得以不合理条件限制机构。"),
    )
    minimum_credit = forms.IntegerField(
        label=gettext_lazy("最低信用分"), min_value=0, max_value=100, required=False, initial=0
    )
    money_kind = forms.ChoiceField(
        label=gettext_lazy("资金性质"),
        choices=Tender.MoneyKind.choices,
        widget=forms.RadioSelect,
        initial=Tender.MoneyKind.SOCIAL,
    )
    fiscal_percent = forms.IntegerField(
        label=gettext_lazy("财政资金占比（%）"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=gettext_lazy("有财政资金就填写占比，全部是财政资金可以不填；按财政资金的规则选取。"),
    )
    price_kind = forms.ChoiceField(
        label=gettext_lazy("报价形式"), choices=Tender.PriceKind.choices, widget=forms.RadioSelect, required=False
    )
    ceiling_fen = YuanField(label=gettext_lazy("最高限价"), help_text=gettext_lazy("机构的报价不能高于它。"))
    floor_fen = YuanField(
        label=gettext_lazy("最低限价"), required=False, help_text=gettext_lazy("低于它的报价无效；不设请留空。")
    )
    step_fen = YuanField(
        label=gettext_lazy("最小降价幅度"), help_text=gettext_lazy("每次报价至少比当前最低价低这么多。")
    )
    chosen_firm = FirmField(
        label=gettext_lazy("拟选机构"),
        max_length=120,
        help_text=gettext_lazy("填写机构名称或统一社会信用代码，须已入驻并能承接这项服务。"),
    )
    happened_at = MomentField(label=gettext_lazy("应急服务开始时间"))
    ground = forms.ChoiceField(
        label=gettext_lazy("直接选取的情形"),
        choices=[("", gettext_lazy("社会资金，不需要情形")), *Tender.Ground.choices],
        required=False,
    )
    ground_reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("向公众公开。"),
    )
    is_urgent = forms.BooleanField(
        label=gettext_lazy("这是紧急采购"),
        required=False,
        help_text=gettext_lazy("公告会标明紧急，报名时间可以缩短。"),
    )
    signup_ends_at = MomentField(label=gettext_lazy("报名截止"))
    selection_at = MomentField(label=gettext_lazy("竞价开始"))
    auction_ends_at = MomentField(
        label=gettext_lazy("竞价结束"),
        help_text=gettext_lazy("临近结束有更优的报价会自动延时；轮流报价的，报完规定的轮数即结束。"),
    )
    auction_mode = forms.ChoiceField(
        label=gettext_lazy("竞价模式"),
        required=False,
        choices=AuctionMode.choices,
        widget=forms.RadioSelect,
        initial=AuctionMode.OPEN,
    )
    auction_direction = forms.ChoiceField(
        label=gettext_lazy("竞价方向"),
        required=False,
        choices=AuctionDirection.choices,
        widget=forms.RadioSelect,
        initial=AuctionDirection.DOWN,
        help_text=gettext_lazy("出让权益时由中选机构按合同直接向您付款，不经平台托管。"),
    )
    contact_name = forms.CharField(label=gettext_lazy("联系人"), max_length=60)
    contact_phone = forms.RegexField(r"^[0-9+() \-]{7,20}$", label=gettext_lazy("联系电话"), error_messages=_PHONE)
    complaint_phone = forms.RegexField(
        r"^[0-9+() \-]{5,20}$",
        label=gettext_lazy("投诉电话"),
        help_text=gettext_lazy("向公众公开，由您单位负责接听。"),
        error_messages={"invalid": gettext_lazy("请填写电话号码，例如 0701-12345。")},
    )

    def __init__(
        self,
        *args: Any,
        organization: Organization,
        method: str = Method.LIVE_AUCTION,
        project: InvestmentProject | None = None,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        self.selected = Method(method)
        self.initial["method"] = method
        fields["method"].required = False
        fields["criteria"] = CriteriaField(
            method,
            label=_("评审标准"),
            required=False,
            help_text=_("合计 100 分，公告中公开。清空则按规则的标准。"),
        )
        for name in unused(method):
            del fields[name]
        offer_auctions(fields, method)
        name_price(fields, method, up=self._is_upward())
        fill_choices(fields, organization, project, is_bound=self.is_bound)
        for field in fields.values():
            field.error_messages["required"] = _("请填写这一项。")

    def _is_upward(self) -> bool:
        """Tell whether what is filled in so far sells a right; an amendment knows it from its need."""
        if "auction_direction" not in self.fields:
            return False
        return bool(self["auction_direction"].value() == AuctionDirection.UP)

    def clean_method(self) -> str:
        return str(self.selected)

    def clean(self) -> dict[str, Any]:
        """Give what was left empty the value that it means."""
        values = super().clean() or {}
        for name, empty in EMPTY.items():
            if name in values and values[name] in {None, ""}:
                values[name] = empty
        return values

    def restore(self, data: Mapping[str, Any]) -> None:
        """Show what was typed and kept, as it was typed."""
        typed = QueryDict(mutable=True)
        for name, value in data.items():
            typed.setlist(name, value if isinstance(value, list) else [value])
        for name, field in self.fields.items():
            if name != "method" and (name in typed or not field.widget.value_omitted_from_data(typed, {}, name)):
                self.initial[name] = field.widget.value_from_datadict(typed, {}, name)

    @property
    def sections(self) -> list[dict[str, Any]]:
        """Give the parts that have fields here: heading and lines of bound fields."""
        parts = [{"heading": heading, "lines": self._lines(lines)} for heading, lines in SECTIONS]
        return [part for part in parts if part["lines"]]

    @property
    def more(self) -> list[list[forms.BoundField]]:
        """Give the lines that stand folded."""
        return self._lines(MORE)

    @property
    def more_is_open(self) -> bool:
        """Tell whether the folded part says something already."""
        names = [name for name in ("more_services", "requirement", "minimum_credit") if name in self.fields]
        return any(self[name].errors or self[name].value() not in (None, "", 0, "0", []) for name in names)

    def _lines(self, lines: Iterable[tuple[str, ...]]) -> list[list[forms.BoundField]]:
        drawn = [[self[name] for name in line if name in self.fields] for line in lines]
        return [line for line in drawn if line]
