"""What stands round every view: a refusal that no view answered becomes a page, a stream is read as the server likes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from http import HTTPStatus
from itertools import islice
from typing import cast

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from .refusals import Refused

PIECES = 16  # read at once: 64 KiB of a file


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
        looked = request.method in {"GET", "HEAD"} and exception.status == HTTPStatus.FORBIDDEN
        return render(request, "refused.html", {"refused": exception, "looked": looked}, status=exception.status)


class StreamMiddleware:
    """Give the pieces of a file or an export one by one under ASGI, where Django would read them all into memory first.

    Stands before whatever answers with a stream, static files included.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(request, ASGIRequest) and isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _one_by_one(cast("Iterator[bytes]", response.streaming_content))
        return response


async def _one_by_one(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while some := await sync_to_async(_next)(pieces):
        yield b"".join(some)


def _next(pieces: Iterator[bytes]) -> list[bytes]:
    return list(islice(pieces, PIECES))
