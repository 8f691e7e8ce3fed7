"""The first page of entry: the code and, for somebody new, an account; then the library is asked."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from marketplace.accounts.actions import begin_session, create_account
from marketplace.accounts.queries import proven_codes
from marketplace.core import clock
from marketplace.core.refusals import Refused

from ...actions.batches import invited as invited_row
from ...actions.drafts import discard_draft
from ...actions.lookup import check_standing
from ...actions.opening import check_free
from ...forms import CodeForm
from ...models import EntryDraft, Organization
from ...uscc import check_uscc, kind_of
from ..draft import Draft, keep_wish, wish
from .page import FIELDS, page


@never_cache
@sensitive_post_parameters("password")
def enter(request: HttpRequest) -> HttpResponse:
    """Take the code, open an account where needed, ask the library, and go on where something is left to say."""
    if wished := request.GET.get("service"):
        keep_wish(request, services=sorted({*wish(request).get("services", []), wished}))
    draft = Draft(request)
    asked = wish(request)
    code = asked.get("uscc") or draft.code or _proven_code(request)
    form = CodeForm(request.POST or None, user=request.user, initial={"uscc": code})
    refused: Refused | None = None
    if form.is_valid():
        try:
            return _begin(request, form)
        except Refused as refusal:
            refused = refusal
            if request.user.is_authenticated and form.user is not request.user:  # the account is there by now
                form = CodeForm(request.POST, user=request.user)
                form.is_valid()
            form.add_refusal(refusal)
    claimed = check_uscc(request.POST["uscc"]) if refused is not None and refused.code == "already_entered" else ""
    context = {"claimed": claimed, "invited": asked.get("association", "")}
    if draft.row is not None:
        context["saved_url"] = reverse(draft.row.page)
    return page(request, "parties/enter.html", 1, form, draft, **context)


def _begin(request: HttpRequest, form: CodeForm) -> HttpResponse:
    values = form.cleaned_data
    known = check_free(values["uscc"], "intermediary", request.user)
    if not request.user.is_authenticated:
        user = create_account(username=values["username"], password=values["password"])
        begin_session(request=request, user=user)
    draft, asked = Draft(request), wish(request)
    fresh: dict[str, Any] = {}
    if draft.code != values["uscc"]:
        fresh = {"uscc": values["uscc"], "kind": kind_of(values["uscc"]), "found": {}}
        fresh |= dict.fromkeys(("name", "region", "address", "legal_representative"), "") if draft.code else {}
    if known is not None:
        fresh |= {"region": known.region.code if known.region else ""}
        fresh |= {field: getattr(known, field) for field in FIELDS if known.is_buyer or field in ("name", "kind")}
    if asked.get("uscc") == values["uscc"]:
        fresh |= {key: asked[key] for key in ("contact_name", "phone", "email") if asked.get(key)}
    services = {*draft.values.get("services", []), *asked.get("services", [])}
    draft.save(services=sorted(services), **fresh)
    request.session.pop("entry", None)
    found = draft.look_up()
    check_standing(found)
    step = "services" if found.is_known else "organization"
    draft.save(step=step)
    return redirect(f"parties:enter_{step}")


def _proven_code(request: HttpRequest) -> str:
    """Return the code of a legal person that the unified identity has just proven and nobody has entered, else ""."""
    codes = proven_codes(request.user, now=clock.now())
    taken = Organization.objects.filter(uscc__in=codes).values_list("uscc", flat=True) if codes else ()
    return min(codes.difference(taken), default="")


def check_code(request: HttpRequest) -> HttpResponse:
    """Answer what is wrong with a code while it is typed, as a fragment; the step itself checks again."""
    typed = request.GET.get("uscc", "")
    context: dict[str, Any] = {"typed": typed.strip()}
    if context["typed"]:
        try:
            code = check_uscc(typed)
            context |= {"code": code, "kind": Organization.Kind(kind_of(code)).label}
            check_free(code, "buyer" if request.GET.get("role") == "buyer" else "intermediary", request.user)
        except Refused as refused:
            context["refused"] = refused
            context["claimed"] = context.get("code", "") if refused.code == "already_entered" else ""
    return render(request, "parties/code_answer.html", context)


def invited(request: HttpRequest, word: str) -> HttpResponse:
    """Come by an invitation: what an association has listed of the firm and its contact waits in the first page."""
    row = invited_row(word)
    keep_wish(request, association=row.batch.association, **{key: row.values.get(key, "") for key in _LISTED})
    return redirect("parties:enter")


_LISTED = ("uscc", "services", "contact_name", "phone", "email")


@login_required
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a draft and start anew."""
    draft = get_object_or_404(EntryDraft, pk=pk, user=request.user)
    discard_draft(draft=draft, by=request.user)
    return redirect("parties:enter_buyer" if draft.role == "buyer" else "parties:enter")
