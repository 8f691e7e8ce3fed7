"""An address for events of payments as an administrator registers it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from marketplace.core.forms import RefusalFormMixin
from payments.webhooks.event_types import ALL, EVENT_TYPES


class WebhookEndpointForm(RefusalFormMixin, forms.Form):
    """Name the address and the events; what may be reached the action decides."""

    url = forms.CharField(
        label=gettext_lazy("地址"),
        max_length=2048,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("对方系统接收事件的 https 地址。内部网络的主机须先由运维写入设置。"),
    )
    enabled_events = forms.MultipleChoiceField(
        label=gettext_lazy("订阅的事件"),
        choices=[(ALL, gettext_lazy("全部事件")), *((name, name) for name in sorted(EVENT_TYPES))],
        widget=forms.CheckboxSelectMultiple,
        initial=[ALL],
    )
    description = forms.CharField(
        label=gettext_lazy("说明"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("是哪个系统，由谁负责，例如“财政支付系统，信息中心”。"),
    )
