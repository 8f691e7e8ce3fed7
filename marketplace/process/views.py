"""The desk of who is signed in, and the public timeline of a process."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render

from marketplace.core import clock
from marketplace.core.events import broken_links
from marketplace.core.models import Process
from marketplace.parties.access import current_organization, is_member

from . import queries


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """Show what waits for the organization for which one acts; administrators and supervisors go to Wagtail."""
    organization = current_organization(request)
    if organization is None:
        if request.user.has_perm("wagtailadmin.access_admin"):
            return redirect("wagtailadmin_home")
        now = clock.now()
        waiting = [*queries.entry_items(request.user, now), *queries.scorer_items(request.user, now)]
        return render(request, "process/no_organization.html", {"waiting": waiting})
    context = {"desk": queries.desk_of(organization, clock.now(), user=request.user)}
    return render(request, "process/desk.html", context)


def process_timeline(request: HttpRequest, ocid: str) -> HttpResponse:
    """Show every step of a process with number and hash, and whether the chain is whole."""
    process = get_object_or_404(Process.objects.select_related("tender__buyer", "party"), ocid=ocid)
    entries = queries.timeline(process, request.user)
    tender = getattr(process, "tender", None)
    if tender is not None and tender.published_at is None:
        member = is_member(request.user, tender.buyer)
        if not (member or request.user.is_staff):
            return render(request, "404.html", status=404)
    if request.GET.get("format") == "json":
        return JsonResponse(
            {
                "ocid": process.ocid,
                "rule": "hash = SHA-256(previous_hash + LF + canonical), UTF-8; hidden steps have no canonical text",
                "head": {"number": process.head_number, "hash": process.head_hash},
                "events": [
                    {
                        "number": entry.number,
                        "at": entry.at.isoformat(),
                        "title": entry.title,
                        "previous_hash": entry.previous_hash,
                        "hash": entry.hash,
                        "canonical": entry.canonical,
                    }
                    for entry in reversed(entries)
                    if entry.number <= process.head_number  # what came since the head was read is in the next download
                ],
            }
        )
    page = Paginator(entries, 50).get_page(request.GET.get("page"))
    context = {"process": process, "tender": tender, "page": page, "faults": broken_links(process)}
    return render(request, "process/timeline.html", context)
