"""Entry of an owner 项目业主: one page for who types all of it, a second one to confirm what the library knows of a body."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from marketplace.accounts.actions import begin_session, create_account
from marketplace.core import clock
from marketplace.core.refusals import Invalid, Refused

from ..actions import enter_buyer as enter_buyer_action
from ..actions.lookup import check_standing
from ..actions.opening import check_free, check_person
from ..commitment import commitment
from ..forms import BuyerForm, CommitmentForm
from ..found import Answer
from ..models import Organization
from .draft import Draft
from .entry.check import finish
from .entry.page import leave, typed, wants_to_leave

FIELDS = ("name", "kind", "contact_name", "phone", "email", "legal_representative", "address", "introduction")


@never_cache
@sensitive_post_parameters("password")
def enter_buyer(request: HttpRequest) -> HttpResponse:
    """Let an owner in on one page: account, who, contact, commitment."""
    user: Any = request.user
    draft = Draft(request, "buyer")
    initial = {"kind": Organization.Kind.ENTERPRISE}
    if user.is_authenticated:
        initial |= {"contact_name": user.display_name, "phone": user.phone, "email": user.email}
        initial |= {key: value for key, value in draft.values.items() if value != ""}
    if wants_to_leave(request) and user.is_authenticated:
        draft.save(step="start", **typed(request, (*FIELDS, "uscc", "region")))
        return leave(request)
    form = BuyerForm(request.POST or None, user=user, initial=initial)
    if form.is_valid() and not wants_to_leave(request):  # who signed out meanwhile leaves nothing behind
        try:
            return _enter(request, draft, form)
        except Refused as refused:
            if request.user.is_authenticated and not user.is_authenticated:  # the account is there by now
                form = BuyerForm(request.POST, user=request.user)
                form.is_valid()
            form.add_refusal(refused)
    name = form["name"].value() or _("本人（本单位）")
    claimed = ""
    if form.is_bound and any(error.code == "already_entered" for error in form.errors.as_data().get("uscc", [])):
        claimed = form["uscc"].value()
    context = {"form": form, "letter": commitment(str(name), "", buyer=True), "claimed": claimed, "saved": draft}
    return render(request, "parties/enter_buyer.html", context, status=form.status)


def _enter(request: HttpRequest, draft: Draft, form: BuyerForm) -> HttpResponse:
    values = {key: value for key, value in form.cleaned_data.items() if key not in ("username", "password")}
    user: Any = request.user
    code = values["uscc"]
    if code:
        check_free(code, "buyer", user)
    if user.is_authenticated:
        check_person(values["kind"], user)
    else:
        user = create_account(
            username=form.cleaned_data["username"],
            password=form.cleaned_data["password"],
            display_name=values["contact_name"],
            phone=values["phone"],
            email=values["email"],
        )
        begin_session(request=request, user=user)
        draft = Draft(request, "buyer")
    if code:
        region = values["region"].code if values["region"] else ""
        draft.save(step="start", uscc=code, region=region, **{key: values[key] for key in FIELDS})
        name = values["name"]
        found = draft.look_up()
        check_standing(found)
        if found.is_known and found.values["name"] != name:
            draft.save(step="check")
            return redirect("parties:check_buyer")
        if not name:
            message = _("证照库里没有这个代码的资料，请填写单位名称。")
            if found.answer == Answer.DOWN:
                message = _("证照库暂时没有答复，请填写单位名称，之后会自动核对。")
            raise Invalid("name_missing", message, field="name")
    organization = enter_buyer_action(
        user=user, by=user, now=clock.now(), found=draft.found if code else None, **values
    )
    finish(request, draft, organization)
    return redirect("process:desk")


@never_cache
@login_required
def check_buyer(request: HttpRequest) -> HttpResponse:
    """Show a body what the library knows of it, with its letter, and let it in with the tick."""
    draft = Draft(request, "buyer")
    if wants_to_leave(request):
        return leave(request)
    if request.method != "POST":
        draft.freshen(clock.now())
    if not draft.is_known or not draft.values.get("contact_name"):
        return redirect("parties:enter_buyer")
    form = CommitmentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        user: Any = request.user
        try:
            organization = enter_buyer_action(
                user=user,
                uscc=draft.code,
                region=draft.region,
                found=draft.found,
                committed=True,
                by=user,
                now=clock.now(),
                **{field: draft.values.get(field, "") for field in FIELDS},
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            finish(request, draft, organization)
            return redirect("process:desk")
    context = {
        "form": form,
        "saved": draft,
        "draft": draft.values,
        "kind": Organization.Kind(draft.values["kind"]).label,
        "letter": commitment(draft.values["name"], draft.code, buyer=True),
    }
    return render(request, "parties/check_buyer.html", context, status=form.status)
