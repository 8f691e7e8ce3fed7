"""Files of a need: attach, take away, download."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.access import acts_as
from marketplace.tenders.actions import add_document, remove_document
from marketplace.tenders.forms import DocumentForm
from marketplace.tenders.models import TenderDocument

from .own import own_draft_or_404


@acts_as("buyer")
@require_POST
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Attach a file to a draft; a refused one comes back with its reason."""
    tender = own_draft_or_404(request, number)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            document = add_document(
                tender=tender, file=form.cleaned_data["file"], by=cast("User", request.user), now=clock.now()
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("已添加附件“%(name)s”。") % {"name": document.name})
            return redirect("tenders:edit", tender.number)
    context = {"form": form, "tender": tender, "documents": tender.documents.order_by("pk")}
    return render(request, "tenders/documents.html", context, status=form.status)


@acts_as("buyer")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file away from a draft."""
    document = get_object_or_404(TenderDocument.objects.select_related("tender"), pk=pk)
    tender = own_draft_or_404(request, document.tender.number)
    remove_document(document=document, by=cast("User", request.user))
    messages.success(request, _("已删除附件“%(name)s”。") % {"name": document.name})
    return redirect("tenders:edit", tender.number)


@require_safe
def download(request: HttpRequest, pk: int) -> FileResponse:
    """Give a file to whoever may read its need, always as a download and never as a page."""
    document = get_object_or_404(TenderDocument.objects.select_related("tender__buyer"), pk=pk)
    if document.tender.published_at is None and not request.user.has_perm("tenders.view_tender", document.tender):
        raise Http404
    response = FileResponse(
        document.file.open("rb"),
        as_attachment=True,
        filename=document.name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
