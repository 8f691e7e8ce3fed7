"""The page of a firm's sealed offer: hand in, replace, take back, read the receipt; and an opened plan as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.core import clock
from marketplace.core.moments import until
from marketplace.core.refusals import Refused
from marketplace.parties.access import current_organization
from marketplace.tenders.models import NAMED, WITH_PLAN, Method, Tender
from marketplace.tenders.states import TenderStatus

from .. import queries
from ..actions import Receipt, submit_offer
from ..actions import withdraw_offer as take_offer_back
from ..commitments import commitment, statement
from ..forms import NonceForm, OfferForm, ReceiptForm
from ..models import Bidder, SealedOffer

BEFORE_OPENING = {TenderStatus.OPEN, TenderStatus.SELECTING}


@dataclass(frozen=True)
class Found:
    """Be the need and the sign-up of who asks, or `answer`: where to send who has none."""

    tender: Tender
    bidder: Bidder | None = None
    answer: HttpResponse | None = None


def _find(request: HttpRequest, number: str) -> Found:
    rows = Tender.objects.published().select_related("buyer", "service", "process", "region")
    tender = get_object_or_404(rows, number=number)
    if not request.user.is_authenticated:
        return Found(tender, answer=redirect_to_login(request.get_full_path()))
    bidder = queries.bidder_of(tender, current_organization(request))
    if bidder is None or tender.method in NAMED:
        messages.error(request, _("只有报名这项需求的中介机构可以打开这一页。"))
        return Found(tender, answer=redirect(tender))
    if tender.method == Method.LIVE_AUCTION and not tender.is_sealed:
        return Found(tender, answer=redirect("bidding:room", number))
    return Found(tender, bidder)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def offer(request: HttpRequest, number: str) -> HttpResponse:
    """Show what a firm has handed in and the form; take an offer and show its receipt, the only time that it is shown."""
    found = _find(request, number)
    if found.answer is not None or found.bidder is None:
        return found.answer or redirect(found.tender)
    assert request.user.is_authenticated  # nobody else has a sign-up
    if request.method == "GET":
        return _show(request, found)
    form = OfferForm(request.POST, request.FILES, tender=found.tender)
    if not form.is_valid():
        return _show(request, found, form)
    try:
        _offer, receipt = submit_offer(bidder=found.bidder, by=request.user, **form.offer())
    except Refused as refused:
        form.add_refusal(refused)
        return _show(request, found, form)
    return _show(request, found, receipt=receipt)


@sensitive_variables()
def _show(
    request: HttpRequest, found: Found, form: OfferForm | None = None, receipt: Receipt | None = None
) -> HttpResponse:
    tender, bidder, now = found.tender, found.bidder, clock.now()
    assert bidder is not None
    opens_now = now >= tender.selection_at
    is_open = tender.is_sealed and tender.status in BEFORE_OPENING and not opens_now
    held = queries.offer_of(bidder)
    shown = form or (OfferForm.fresh(tender) if receipt is None else None)
    context = {
        "tender": tender,
        "bidder": bidder,
        "held": held,
        "former": bidder.sealed_offers.exclude(pk=held.pk if held else 0).order_by("-number"),
        "form": shown if is_open else None,
        "errors": form,
        "receipt": receipt,
        "receipt_form": ReceiptForm.of(receipt) if receipt else None,
        "amount_fen": receipt.amount_fen if receipt else None,
        "is_open": is_open,
        "opens_now": opens_now,
        "has_plan": tender.method in WITH_PLAN,
        "is_discount": tender.price_kind == Tender.PriceKind.DISCOUNT,
        "opened_count": queries.opened_offers(tender).count() if held and held.opened_at else None,
        "nonce_form": _nonce_form(bidder, tender, now),
        "is_auction": tender.method == Method.LIVE_AUCTION,
        "steps": _steps(tender),
        "step_now": _step_now(tender, held, opens_now=opens_now),
        "crumbs": [
            (tender.number, tender.get_absolute_url()),
            (_("密封报价") if tender.is_sealed else _("我的报名"), ""),
        ],
    }
    return render(request, "bidding/offer.html", context, status=form.status if form else 200)


def _nonce_form(bidder: Bidder, tender: Tender, now: datetime) -> NonceForm | None:
    may_change = tender.status == TenderStatus.OPEN and now < tender.signup_ends_at
    return NonceForm(initial={"nonce": bidder.nonce}) if may_change else None


def _steps(tender: Tender) -> list[tuple[str, str]]:
    """Say what happens until the opening and at it, as the steps component takes it."""
    words = {"time": until(tender.selection_at)}
    if tender.method == Method.LIVE_AUCTION:
        return [
            (_("提交"), _("内容在服务器上立即加密，数据库里只有密文和承诺值。您得到一份回执。")),
            (_("等待"), _("%(time)s 前可以替换或撤回。业主、平台和其他机构都读不到内容。") % words),
            (_("开启"), _("%(time)s 竞价开始，全部首轮报价一起开启，成为竞价的第一批报价。") % words),
            (_("竞价"), _("提交了有效首轮报价的机构进入竞价室接着报价，结束时最优报价的机构为拟中选机构。")),
        ]
    return [
        (_("提交"), _("内容在服务器上立即加密，数据库里只有密文和承诺值。您得到一份回执。")),
        (_("等待"), _("%(time)s 前可以替换或撤回。业主、平台和其他机构都读不到内容。") % words),
        (_("开启"), _("%(time)s 所有报价一起开启，逐份核对承诺值，不一致的无效。") % words),
        (_("公开"), _("提出中选结果时，公布全部名称和报价，任何人可以重算。")),
    ]


def _step_now(tender: Tender, held: SealedOffer | None, *, opens_now: bool) -> int:
    if tender.disclosed_at is not None:
        return 4
    if opens_now:
        return 3
    return 2 if held is not None else 1


@never_cache
@require_POST
def withdraw_offer(request: HttpRequest, number: str) -> HttpResponse:
    """Take the firm's offer back; the answer stands on its page."""
    found = _find(request, number)
    if found.answer is not None or found.bidder is None:
        return found.answer or redirect(found.tender)
    assert request.user.is_authenticated  # nobody else has a sign-up
    held = queries.offer_of(found.bidder)
    try:
        if held is None:
            raise Refused("no_offer", _("贵机构目前没有密封的报价。"))
        take_offer_back(offer=held, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(
            request, _("报价已撤回。%(time)s 前可以再次提交。") % {"time": until(found.tender.selection_at)}
        )
    return redirect("bidding:offer", number)


@sensitive_post_parameters()
@never_cache
@require_POST
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Give a receipt as a text file: what it needs comes with the request and is kept nowhere."""
    found = _find(request, number)
    if found.answer is not None or found.bidder is None:
        return found.answer or redirect(found.tender)
    tender, bidder = found.tender, found.bidder
    form = ReceiptForm(request.POST)
    values = {"tender": tender.number, "bidder": bidder.label, **(form.cleaned_data if form.is_valid() else {})}
    hashed = commitment(**values) if form.is_valid() else ""
    made = bidder.sealed_offers.filter(commitment=hashed).order_by("-number").first() if hashed else None
    if made is None:
        messages.error(request, _("这份回执与贵机构提交过的报价都不相符。"))
        return redirect("bidding:offer", number)
    context = {"tender": tender, "bidder": bidder, "offer": made, "statement": statement(**values), **form.cleaned_data}
    answer = HttpResponse(
        render_to_string("bidding/offer_receipt.txt", context), content_type="text/plain; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{tender.number}-receipt-{made.number}.txt"'
    return answer


@never_cache
@require_GET
@login_required
def plan(request: HttpRequest, pk: int) -> FileResponse:
    """Give an opened plan, named by the firm's label and not as the firm named it."""
    rows = SealedOffer.objects.select_related("bidder__organization", "bidder__tender__buyer")
    found = get_object_or_404(rows, pk=pk)
    if not request.user.has_perm("bidding.read_plan", found):
        raise Http404
    suffix = PurePath(found.plan_name).suffix.lower()
    name = f"{found.bidder.tender.number}-{found.bidder.label}{suffix}"
    return FileResponse(found.opened_plan.open("rb"), as_attachment=True, filename=name)
