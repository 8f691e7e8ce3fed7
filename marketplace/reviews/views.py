"""Write a review, read it, answer it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marketplace.contracts.models import Contract
from marketplace.contracts.states import ContractStatus
from marketplace.core.refusals import Forbidden, Refused
from marketplace.parties.access import is_member

from .actions import publish_review, reply_to_review
from .forms import ReplyForm, ReviewForm
from .models import Review
from .queries import dimensions


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def review(request: HttpRequest, number: str) -> HttpResponse:
    """Let the owner of a completed contract review it; afterwards show the review to both sides."""
    contract = get_object_or_404(Contract.objects.select_related("tender__process", "buyer", "supplier"), number=number)
    is_buyer = is_member(request.user, contract.buyer)
    is_supplier = is_member(request.user, contract.supplier)
    if not (is_buyer or is_supplier or request.user.is_staff):
        raise Forbidden("not_party", _("只有合同双方可以看这一页。评价发布后在机构页公开。"))
    existing = Review.objects.filter(contract=contract).select_related("buyer", "supplier").first()
    form = ReviewForm(request.POST or None) if is_buyer else None
    if request.method == "POST":
        if form is None:
            raise Forbidden("not_buyer", _("只有这份合同的业主可以评价。"))
        if form.is_valid():
            try:
                published = publish_review(contract=contract, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
            except Refused as refused:
                form.add_refusal(refused)
            else:
                messages.success(request, _("评价已公开，机构会收到通知，信用分已更新。"))
                return redirect(f"{published.supplier.get_absolute_url()}#review-{published.pk}")
    is_bound = form is not None and form.is_bound
    context = {
        "contract": contract,
        "review": existing,
        "dimensions": dimensions(existing) if existing else [],
        "form": form if existing is None or is_bound else None,
        "may_review": is_buyer and contract.status == ContractStatus.COMPLETED and existing is None,
        "reply_form": ReplyForm() if existing and is_supplier and not existing.reply else None,
    }
    return render(request, "reviews/review.html", context, status=form.status if form and is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the firm answer a review."""
    shown = get_object_or_404(Review.objects.select_related("contract__tender", "buyer", "supplier"), pk=pk)
    if not is_member(request.user, shown.supplier):
        raise Forbidden("not_supplier", _("只有被评价的机构可以回复。"))
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reply_to_review(review=shown, text=form.cleaned_data["reply"], by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("回复已公开，显示在评价下面。"))
            return redirect(f"{shown.supplier.get_absolute_url()}#review-{shown.pk}")
    context = {
        "contract": shown.contract,
        "review": shown,
        "dimensions": dimensions(shown),
        "form": None,
        "reply_form": form if form.is_bound or not shown.reply else None,
    }
    return render(request, "reviews/review.html", context, status=form.status)
