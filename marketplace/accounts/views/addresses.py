"""Change the account's mail address."""

from __future__ import annotations

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from marketplace.core import clock
from marketplace.core.refusals import Refused

from ..actions import ask_address, confirm_address
from ..actions.addresses import read_token
from ..forms import AddressForm
from ..models import User


@never_cache
@login_required
@reauthentication_required
def email(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = AddressForm(request.POST or None)
    if form.is_valid():
        address = form.cleaned_data["email"]
        try:
            ask_address(user=user, address=address, by=user)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("确认邮件已发到 %(address)s，打开其中的链接后生效。") % {"address": address})
            return redirect("accounts:security")
    return render(request, "accounts/email.html", {"form": form}, status=form.status)


@never_cache
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link would change; the button changes it, so that a mail scanner which opens links does not."""
    if request.method == "POST":
        user = confirm_address(token=token, request=request, now=clock.now())
        messages.success(request, _("邮箱已改为 %(address)s。") % {"address": user.email})
        return redirect("accounts:security")
    user, address = read_token(token)
    return render(request, "accounts/confirm_email.html", {"owner": user, "address": address})
