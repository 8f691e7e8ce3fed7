"""Turn a refusal that no view answered into a page with its sentence and status."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from .refusals import Refused


class RefusalMiddleware:
    """Answer an uncaught `Refused`: JSON where JSON was asked for, else the page refused.html."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if "application/json" in request.headers.get("Accept", "") or request.content_type == "application/json":
            return JsonResponse({"code": exception.code, "message": str(exception.message)}, status=exception.status)
        return render(request, "refused.html", {"refused": exception}, status=exception.status)
