"""The one view of /v1: the door, the form, the Idempotency-Key, the act, and its answer in Stripe's shape."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from marketplace.core import clock
from marketplace.core.refusals import Refused
from payments.actions.announcing import Asked, asked
from payments.models import ApiRequest
from payments.models.ids import new_id
from payments.shapes import shape
from payments.shapes.webhooks import API_VERSION

from . import door, idempotency
from .errors import API, IDEMPOTENCY, ApiError, from_refusal
from .expansion import expand, plan
from .fields import clean_form
from .lists import Page
from .resources import ROUTES
from .routes import Call, Route

logger = logging.getLogger(__name__)


@csrf_exempt
def entry(request: HttpRequest, path: str) -> HttpResponse:
    """Answer a request of /v1. Whatever goes wrong is answered as JSON, and no text of ours repeats a key."""
    request_id = new_id("req", 14)
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION, "Cache-Control": "no-store"}
    try:
        status, body, more = _answer(request, path, request_id, clock.now())
    except ApiError as error:
        status, body, more = error.status, _json(error.body()), error.headers
    except Exception as problem:
        logger.exception("/v1 %s %s failed (%s)", request.method, path, request_id)
        ours = _busy() if _is_busy(problem) else _ours(request_id)
        status, body, more = ours.status, _json(ours.body()), ours.headers
    logger.info("/v1 %s %s %s %s", request.method, path, status, request_id)
    return HttpResponse(body, status=status, content_type="application/json", headers={**headers, **more})


def _answer(request: HttpRequest, path: str, request_id: str, now: datetime) -> tuple[int, str, dict[str, str]]:
    key = door.authenticate(request, now)
    door.keep_pace(key)
    route, ids = _route(request.method or "", path)
    door.permit(key, route)
    account = door.account_of(request, route)
    tree = door.read_form(request)
    name = _idempotency_key(request, route)
    asks = idempotency.fingerprint(route.method, path, request.headers.get("Stripe-Account", ""), tree)
    try:
        form = clean_form(route.form, tree)
        if route.check:
            route.check(form)
        expands = plan(form.get("expand") or (), kind=route.answers, is_list=route.is_list, key=key)
    except ApiError:
        if name:
            idempotency.check_known(key=key, name=name, asks=asks)
        raise
    more = {"Idempotency-Key": name} if name else {}
    call = Call(key=key, ids=ids, form=form, now=now, request_id=request_id, account=account, expands=expands)
    if not name:
        status, body = _carry_out(route, call, Asked(request_id, ""))
        return status, body, more
    begun = idempotency.begin(key=key, name=name, asks=asks, request_id=request_id, now=now)
    if isinstance(begun, idempotency.Replay):
        again = {"Idempotent-Replayed": "true", "Original-Request": begun.request_id}
        return begun.status, begun.body, {**more, **again}
    status, body, told = _remembered(route, call, begun)
    return status, body, {**more, **told}


def _remembered(route: Route, call: Call, row: ApiRequest) -> tuple[int, str, Mapping[str, str]]:
    """Carry a request out under its row, and keep the answer unless a repetition may get a better one."""
    call = replace(call, remembered=row)
    headers: Mapping[str, str] = {}
    try:
        status, body = _carry_out(route, call, Asked(call.request_id, row.idempotency_key))
    except ApiError as error:
        if not error.is_stored:
            idempotency.let_go(row)
            raise
        status, body, headers = error.status, _json(error.body()), error.headers
    except Exception:
        logger.exception("/v1 %s %s failed (%s)", route.method, route.path, call.request_id)
        ours = _ours(call.request_id)
        status, body = ours.status, _json(ours.body())
    idempotency.finish(row, status=status, body=body)
    return status, body, headers


def _carry_out(route: Route, call: Call, request: Asked) -> tuple[int, str]:
    """Do what is asked, outside any transaction, and shape what comes of it. What goes to Alipay is said in Chinese."""
    token = asked.set(request)
    try:
        with translation.override("zh-hans"):
            found = route.act(call)
            body = _shaped(found)
            expand(body, call.expands)
    except Refused as refused:
        raise from_refusal(refused) from refused
    except OperationalError as problem:
        if not _is_busy(problem):
            raise
        raise _busy() from problem
    finally:
        asked.reset(token)
    return HTTPStatus.OK, _json(body)


def _shaped(found: Any) -> dict[str, Any]:
    if isinstance(found, Page):
        return found.body()
    return found if isinstance(found, dict) else shape(found)


def _route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    others = set()
    for route in ROUTES:
        if fits := route.pattern.fullmatch(path):
            if route.method == method:
                return route, fits.groupdict()
            others.add(route.method)
    if others:
        allowed = ", ".join(sorted(others))
        raise ApiError(405, f"This URL is answered for {allowed} only.", headers={"Allow": allowed})
    raise ApiError(404, f"Unrecognized request URL ({method}: /v1/{path[:120]}).")


def _idempotency_key(request: HttpRequest, route: Route) -> str:
    """Return the Idempotency-Key of a POST; other methods need none."""
    name: str = request.headers.get("Idempotency-Key", "") if route.method == "POST" else ""
    if len(name) > idempotency.LONGEST:
        raise ApiError(400, "Idempotency-Key must be at most 255 characters.", type=IDEMPOTENCY)
    if not name.isprintable():
        raise ApiError(400, "Idempotency-Key must be made of printable characters.", type=IDEMPOTENCY)
    return name


def _is_busy(problem: Exception) -> bool:
    """Tell whether the database gave up waiting: SQLite's lock, PostgreSQL's lock_timeout, deadlock or serialization."""
    if not isinstance(problem, OperationalError):
        return False
    code = getattr(problem.__cause__, "sqlstate", None)
    return code in {"55P03", "40P01", "40001"} or "locked" in str(problem)


def _busy() -> ApiError:
    return ApiError(
        409,
        "This object cannot be accessed right now because another API request is accessing it. Try again later.",
        code="lock_timeout",
        is_stored=False,
        headers={"Stripe-Should-Retry": "true"},
    )


def _ours(request_id: str) -> ApiError:
    message = f"An error occurred while processing your request. Our log has it as {request_id}."
    return ApiError(500, message, type=API)


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=2)
