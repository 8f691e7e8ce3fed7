"""Pages of projects: fetch one by its code, see one's own."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.access import acts_as, current_organization

from .actions import pull_project
from .forms import PullForm
from .queries import projects_of


@acts_as("buyer")
@require_http_methods(["GET", "POST"])
def pull(request: HttpRequest) -> HttpResponse:
    """Take a project over and go on to the terms of a need for it; a refusal keeps what was typed."""
    organization = current_organization(request)
    assert organization is not None
    form = PullForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            project = pull_project(
                code=form.cleaned_data["code"],
                organization=organization,
                by=cast("User", request.user),
                now=clock.now(),
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return redirect(f"{reverse('tenders:terms')}?project={project.code}")
    context = {"form": form, "projects": projects_of(organization)}
    return render(request, "projects/pull.html", context, status=form.status)
