"""Entry of an owner 项目业主 on one page."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from marketplace.accounts.actions import create_account
from marketplace.core import clock
from marketplace.core.refusals import Refused

from ..access import SESSION_KEY
from ..actions import enter_buyer as enter_buyer_action
from ..commitment import commitment
from ..forms import BuyerForm
from ..models import Organization
from .entry import BACKEND


@never_cache
@sensitive_post_parameters("password")
def enter_buyer(request: HttpRequest) -> HttpResponse:
    """Let an owner in on one page: account, who, contact, commitment."""
    user: Any = request.user
    initial = {"kind": Organization.Kind.ENTERPRISE}
    if user.is_authenticated:
        initial |= {"contact_name": user.display_name, "phone": user.phone, "email": user.email}
    form = BuyerForm(request.POST or None, user=user, initial=initial)
    if form.is_valid():
        values = {key: value for key, value in form.cleaned_data.items() if key not in ("username", "password")}
        try:
            with transaction.atomic():
                if not user.is_authenticated:
                    user = create_account(
                        username=form.cleaned_data["username"],
                        password=form.cleaned_data["password"],
                        display_name=values["contact_name"],
                        phone=values["phone"],
                        email=values["email"],
                    )
                organization = enter_buyer_action(user=user, by=user, now=clock.now(), **values)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            if not request.user.is_authenticated:
                login(request, user, backend=BACKEND)
            request.session[SESSION_KEY] = organization.pk
            return redirect("process:desk")
    name = form["name"].value() or _("本人（本单位）")
    context = {"form": form, "letter": commitment(str(name), "", buyer=True)}
    return render(request, "parties/enter_buyer.html", context, status=form.status)
