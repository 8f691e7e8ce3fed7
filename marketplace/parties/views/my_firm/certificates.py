"""The certificates of one's own firm: declare one more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from marketplace.catalog.models import QualificationKind
from marketplace.core import clock
from marketplace.core.refusals import Refused

from ...access import acts_as, current_organization
from ...actions import declare_qualification
from ...forms import DeclareForm
from .gate import form_page


@acts_as("intermediary")
def declare(request: HttpRequest) -> HttpResponse:
    organization = current_organization(request)
    assert organization is not None
    form = DeclareForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        values = dict(form.cleaned_data)
        code, _colon, grade = values.pop("what").partition(":")
        try:
            declare_qualification(
                organization=organization,
                kind=QualificationKind.objects.get(code=code),
                grade=grade,
                by=request.user,
                now=clock.now(),
                **values,
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("资质已申报，核验结果会发到收件箱。"))
            return redirect("parties:my_firm")
    hint = _("先申报，管理机构核验后生效；核验期间不影响其他服务。")
    return form_page(request, form, _("申报资质"), hint, _("申报"), upload=True)
