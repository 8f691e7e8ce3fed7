"""The address that takes the provider's notices."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ..actions import apply_notice
from ..alipay.notify import MAX_BYTES
from ..models import Notice


@csrf_exempt
@require_POST
def alipay_notify(request: HttpRequest) -> HttpResponse:
    """Take a notice from the provider: exactly `success` when it was believed, anything else makes it come again."""
    if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
        return HttpResponse("failure", status=413, content_type="text/plain")
    notice = apply_notice(raw_body=request.body)
    if notice.outcome == Notice.Outcome.REFUSED:
        return HttpResponse("failure", status=400, content_type="text/plain")
    return HttpResponse("success", content_type="text/plain")
