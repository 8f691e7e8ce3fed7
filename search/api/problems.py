"""Problems: what the API refuses, as RFC 9457 has it, and how often one address may ask."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from marketplace.core.pace import Buckets

View = Callable[[HttpRequest], HttpResponse]
BURST = 3  # seconds' worth at once
_paces: dict[float, Buckets] = {}


def problem(status: int, code: str, detail: str, errors: dict[str, str] | None = None) -> HttpResponse:
    """Answer with a problem: `errors` are sentences by the name of the parameter."""
    titles = {400: _("参数不正确"), 405: _("只能读取"), 429: _("请求太频繁")}
    said = {
        "type": "about:blank",
        "title": titles[status],
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [{"parameter": name, "message": message} for name, message in (errors or {}).items()],
    }
    answer = JsonResponse(said, status=status, json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = "application/problem+json; charset=utf-8"
    answer["Cache-Control"] = "no-store"
    return answer


def forget_paces() -> None:
    """Give every address a full bucket."""
    _paces.clear()


def for_programs(view: View) -> View:
    """Let a view be read by programs on any site, of one address settings.SEARCH_API_REQUESTS_PER_SECOND in this process."""

    @wraps(view)
    def inside(request: HttpRequest) -> HttpResponse:
        rate = settings.SEARCH_API_REQUESTS_PER_SECOND
        buckets = _paces.setdefault(rate, Buckets(rate, max(1, int(rate * BURST))))
        if request.method not in {"GET", "HEAD"}:
            answer = problem(405, "method_not_allowed", _("这个接口只能用 GET 读取。"))
            answer["Allow"] = "GET, HEAD"
        elif not buckets.take(request.META.get("REMOTE_ADDR", "")):
            answer = problem(429, "too_many_requests", _("同一地址的请求太多，请稍等片刻再试。"))
            answer["Retry-After"] = "1"
        else:
            answer = view(request)
        answer["Access-Control-Allow-Origin"] = "*"  # everything here is public, and no cookie is read
        return answer

    return inside
