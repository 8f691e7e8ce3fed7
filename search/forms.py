"""Forms for saved searches, and for what a firm wants to be told of."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.catalog.models import ServiceCategory
from marketplace.core.forms import RefusalFormMixin
from marketplace.parties.models import Organization
from marketplace.parties.states import OfferingStatus

from .actions.saved import LONGEST_NAME
from .models import MutedService, NeedsChoice, Rhythm, Telling


class SavedSearchForm(RefusalFormMixin, forms.Form):
    """Take a name, how to be told and when; without an address there is no mail to choose."""

    name = forms.CharField(label=_("名称"), max_length=LONGEST_NAME, help_text=_("只有您看得到，消息的标题里也用它。"))
    telling = forms.ChoiceField(label=_("怎样告诉您"), choices=Telling.choices, widget=forms.RadioSelect)
    rhythm = forms.ChoiceField(label=_("什么时候告诉您"), choices=Rhythm.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        telling: Any = self.fields["telling"]
        if not user.email:
            telling.choices = [(Telling.SITE, Telling.SITE.label)]
            telling.help_text = _("您的账号没有登记邮箱，所以只能用站内消息。")


class NeedsChoiceForm(RefusalFormMixin, forms.Form):
    """Take what a firm wants to be told of: the services that stay ticked, by mail too or not, or nothing at all."""

    is_told = forms.BooleanField(label=_("有适合的需求发布时告知我们"), required=False)
    by_mail = forms.BooleanField(label=_("同时发邮件给留有邮箱的成员"), required=False)
    services = forms.ModelMultipleChoiceField(
        label=_("告知哪些服务的需求"),
        queryset=ServiceCategory.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("这里列出贵机构可承接的服务。不选的服务，需求照样公开，只是不再逐条告知。"),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        choice = NeedsChoice.objects.filter(organization=organization).first() or NeedsChoice()
        muted = set(MutedService.objects.filter(organization=organization).values_list("service", flat=True))
        offered = ServiceCategory.objects.filter(
            offerings__organization=organization, offerings__status=OfferingStatus.LIVE
        ).order_by("code")
        initial = {
            "is_told": not choice.is_muted,
            "by_mail": choice.by_mail,
            "services": [service.pk for service in offered if service.pk not in muted],
        }
        super().__init__(*args, **{"initial": initial, **kwargs})
        self.offered, self.muted_elsewhere = offered, muted - {service.pk for service in offered}
        services: Any = self.fields["services"]
        services.queryset = offered
        services.label_from_instance = lambda service: service.label

    @property
    def muted(self) -> list[ServiceCategory]:
        """Return the services that the firm does not want to be told of; those it does not offer now stay as they were."""
        kept = {service.pk for service in self.cleaned_data["services"]}
        others = ServiceCategory.objects.filter(pk__in=self.muted_elsewhere)
        return [*(service for service in self.offered if service.pk not in kept), *others]
