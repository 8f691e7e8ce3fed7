"""The log of a finished auction as a file, and the program that checks it, for everybody."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .. import verify_auction
from ..export import OVER, auction_log
from ..models import Auction


@never_cache
@require_safe
def log(request: HttpRequest, number: str) -> JsonResponse:
    """Give the log of an auction once it is over; says why not as JSON too: 404 without such an auction, 409 before its end."""
    auction = Auction.objects.select_related("tender").filter(tender__number=number).first()
    if auction is None:
        return JsonResponse({"code": "auction_unknown", "message": _("没有编号为 %s 的竞价。") % number}, status=404)
    if auction.status not in OVER:
        sentence = _("竞价尚未结束，完整的竞价记录在结束后公布。")
        return JsonResponse({"code": "auction_not_over", "message": sentence}, status=409)
    response = JsonResponse(auction_log(auction), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="auction-{number}.json"'
    return response


@require_safe
def verifier(request: HttpRequest) -> FileResponse:
    """Give the program with which anybody checks a log on a machine of their own."""
    file = Path(verify_auction.__file__)
    return FileResponse(
        file.open("rb"), as_attachment=True, filename=file.name, content_type="text/x-python; charset=utf-8"
    )
