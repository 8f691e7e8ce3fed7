"""A contract's pages: for its two sides and administrators only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused
from marketplace.parties.access import current_organization

from .. import actions, queries
from ..forms import DeliveryForm, MilestoneFormSet, ReturnForm, milestones_of
from ..models import Contract, Deliverable, Milestone
from ..pdf import contract_pdf
from ..states import ContractStatus
from ..text import blocks

UNSIGNED = {ContractStatus.DRAFT, ContractStatus.SIGNING}


def readable(request: HttpRequest, **wanted: Any) -> tuple[Contract, str]:
    """Return a contract and the viewer's side of it; refuse whoever belongs to neither side and is no administrator."""
    contract = get_object_or_404(queries.contracts_for_page(), **wanted)
    if not request.user.has_perm("contracts.read_contract", contract):
        raise Forbidden("not_party", _("合同只有双方和平台管理机构可以查看。摘要见公开的过程时间线。"))
    return contract, queries.side_of(contract, request.user, current_organization(request))


def _page(
    request: HttpRequest, contract: Contract, side: str, *, form: Any = None, refused: Refused | None = None
) -> HttpResponse:
    signed = queries.signed_sides(contract)
    status = refused.status if refused else form.status if form else 200
    context = {
        "contract": contract,
        "tender": contract.tender,
        "side": side,
        "steps": queries.steps(contract, side, clock.now()),
        "blocks": blocks(contract.body),
        "signed": signed,
        "has_signed": side in signed,
        "sign_by": queries.sign_by(contract),
        "may_edit": side == "buyer" and not contract.is_sale and contract.status in UNSIGNED,
        "delivery_form": form if isinstance(form, DeliveryForm) else DeliveryForm(),
        "return_form": form if isinstance(form, ReturnForm) else ReturnForm(),
        "bound_form": form,
        "refused": refused,
        "review": getattr(contract, "review", None),
    }
    return render(request, "contracts/contract.html", context, status=status)


@require_safe
@login_required
@never_cache
def contract(request: HttpRequest, number: str) -> HttpResponse:
    """Show a contract: what is to do now, its milestones, its text."""
    shown, side = readable(request, number=number)
    return _page(request, shown, side)


@require_safe
@login_required
@never_cache
def pdf(request: HttpRequest, number: str) -> HttpResponse:
    """Give the contract as PDF."""
    shown, _side = readable(request, number=number)
    response = HttpResponse(contract_pdf(shown), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{shown.number}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_required
@never_cache
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Let the owner change the milestones before both have signed."""
    shown, side = readable(request, number=number)
    if side != "buyer":
        raise Forbidden("not_buyer", _("只有业主的经办人可以修改合同。"))
    if shown.is_sale:
        raise Refused("sale_fixed", _("出让合同不分节点，没有可以修改的内容。"))
    if request.method == "POST":
        rows = MilestoneFormSet(request.POST)
        if rows.is_valid():
            try:
                actions.revise_contract(contract=shown, milestones=rows.terms(), by=request.user)  # type: ignore[arg-type]
            except Refused as refused:
                rows.add_refusal(refused)
            else:
                messages.success(request, _("节点已修改，正文已重写。请核对后发给对方签订。"))
                return redirect(shown)
        return render(request, "contracts/edit.html", {"contract": shown, "rows": rows}, status=rows.status)
    rows = MilestoneFormSet(initial=milestones_of(shown))
    return render(request, "contracts/edit.html", {"contract": shown, "rows": rows})


@require_POST
@login_required
def offer(request: HttpRequest, number: str) -> HttpResponse:
    """Put the text before both sides."""
    return _done(request, number, actions.offer_contract, _("合同已发出，对方会收到通知。双方都签署后合同生效。"))


def _done(request: HttpRequest, number: str, action: Callable[..., Contract], words: str) -> HttpResponse:
    """Let an action do its work on the contract and say so; its refusal comes back on the page."""
    shown, side = readable(request, number=number)
    try:
        action(contract=shown, by=request.user)
    except Refused as refused:
        return _page(request, shown, side, refused=refused)
    messages.success(request, words)
    return redirect(shown)


@require_POST
@login_required
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """Sign the text that the viewer saw, for the viewer's side."""
    shown, side = readable(request, number=number)
    if not side:
        raise Forbidden("not_party", _("只有合同双方的经办人可以签署。"))
    if request.POST.get("agree") != "on":
        unread = Refused("not_agreed", _("请先勾选“我已核对合同正文”，再签署。"), field="agree", status=422)
        return _page(request, shown, side, refused=unread)
    try:
        signed = actions.sign_contract(
            contract=shown,
            organization=queries.organization_on(shown, side),
            by=request.user,  # type: ignore[arg-type]
            body_hash=request.POST.get("body_hash", "")[:64],
        )
    except Refused as refused:
        shown, side = readable(request, number=number)
        return _page(request, shown, side, refused=refused)
    if signed.status == ContractStatus.SIGNING:
        messages.success(request, _("您已签署，等对方签署后合同生效。"))
    else:
        words = (
            _("双方都已签署，合同生效。下一步由机构把价款直接付给业主。")
            if signed.is_sale
            else _("双方都已签署，合同生效。下一步由业主付第一个节点的款项。")
        )
        messages.success(request, words)
    return redirect(shown)


@require_POST
@login_required
def received(request: HttpRequest, number: str) -> HttpResponse:
    """Let the owner say that the price of a sold right has come."""
    return _done(request, number, actions.confirm_receipt, _("已确认收到价款，合同履行完毕，对方会收到通知。"))


def _milestone(request: HttpRequest, pk: int) -> tuple[Milestone, Contract, str]:
    milestone = get_object_or_404(Milestone.objects.select_related("contract__tender"), pk=pk)
    shown, side = readable(request, pk=milestone.contract_id)
    return milestone, shown, side


@require_POST
@login_required
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the milestone's money and go to its payment."""
    milestone, shown, side = _milestone(request, pk)
    try:
        intent = actions.start_payment(milestone=milestone, by=request.user)  # type: ignore[arg-type]
    except Refused as refused:
        return _page(request, shown, side, refused=refused)
    return redirect("payments:intent", intent.pk)


@require_POST
@login_required
def deliver(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a result."""
    milestone, shown, side = _milestone(request, pk)
    form = DeliveryForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.deliver_milestone(milestone=milestone, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except Refused as refused:
            if refused.field is None:
                return _page(request, shown, side, refused=refused)
            form.add_refusal(refused)
        else:
            messages.success(request, _("成果已提交，文件指纹已记录。业主会收到通知，请等待验收。"))
            return redirect(shown)
    return _page(request, shown, side, form=form)


@require_POST
@login_required
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept the result."""
    milestone, shown, side = _milestone(request, pk)
    try:
        actions.accept_milestone(milestone=milestone, by=request.user)  # type: ignore[arg-type]
    except Refused as refused:
        return _page(request, shown, side, refused=refused)
    messages.success(request, _("成果已验收，平台正在把这一节点的款项结算给机构。"))
    return redirect(shown)


@require_POST
@login_required
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the result back with a reason."""
    milestone, shown, side = _milestone(request, pk)
    form = ReturnForm(request.POST)
    if form.is_valid():
        try:
            actions.return_deliverable(milestone=milestone, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except Refused as refused:
            if refused.field is None:
                return _page(request, shown, side, refused=refused)
            form.add_refusal(refused)
        else:
            messages.success(request, _("成果已退回，机构会收到您的意见。"))
            return redirect(shown)
    return _page(request, shown, side, form=form)


@require_safe
@login_required
@never_cache
def file(request: HttpRequest, pk: int) -> FileResponse:
    """Give a result to download, never to show: what others uploaded is not run here."""
    deliverable = get_object_or_404(Deliverable.objects.select_related("milestone"), pk=pk)
    readable(request, pk=deliverable.milestone.contract_id)
    response = FileResponse(
        deliverable.file.open("rb"),
        as_attachment=True,
        filename=deliverable.name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
