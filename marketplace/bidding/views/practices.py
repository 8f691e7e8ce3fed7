"""The practice auction: a page that plays against robots in the browser; the server keeps and hears nothing of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ..forms import BidForm

SECONDS = 60
CEILING_FEN = 3_000_000
STEP_FEN = 20_000
COST_FEN = 2_150_000  # what the exercise says that the work costs
WINDOW_SECONDS = 10
EXTENSIONS = 3


@require_GET
def practice(request: HttpRequest) -> HttpResponse:
    """Show the exercise with its terms; who reads it changes nothing in it."""
    terms = {
        "seconds": SECONDS,
        "ceiling": CEILING_FEN,
        "step": STEP_FEN,
        "cost": COST_FEN,
        "window": WINDOW_SECONDS,
        "extensions": EXTENSIONS,
        "confirm_percent": 10,
    }
    context = {
        "terms": terms,
        "form": BidForm.fresh(),
        "next_fen": CEILING_FEN,
        "lock": _("点“开始练习”之后可以报价。"),
        "is_practice": True,
        "crumbs": [(_("正在竞价"), "/auctions/"), (_("模拟竞价"), "")],
    }
    return render(request, "bidding/practice.html", context)
