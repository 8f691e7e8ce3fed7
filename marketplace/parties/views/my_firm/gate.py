"""What the pages of one's own organization share: who is let in, and the page of a form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from marketplace.core.refusals import Forbidden

from ...access import current_organization

View = Callable[..., HttpResponse]


def for_organization(view: View) -> View:
    """Let a view in with the organization for which the person acts; without one, 403 in words."""

    @login_required
    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        organization = current_organization(request)
        if organization is None:
            raise Forbidden("no_organization", _("您还没有登记单位。请先办理机构入驻或业主登记。"))
        return view(request, organization, *args, **kwargs)

    return inside


def form_page(
    request: HttpRequest, form: Any, title: str, hint: str, label: str, *, upload: bool = False, back: str = ""
) -> HttpResponse:
    """Show a form of one's own organization; `back` is the name of the address to return to."""
    context = {"form": form, "title": title, "hint": hint, "label": label, "upload": upload, "back": back}
    return render(request, "parties/form.html", context, status=form.status)
