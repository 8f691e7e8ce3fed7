"""The local licence library's interface and control pages, as a WSGI application."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from marketplace.core import clock
from marketplace.core.refusals import Invalid, Refused

from ..identifiers import check_identifier
from ..signing import answer_signature
from .controls import Controls
from .faults import Faults
from .files import draw
from .gate import Gate
from .nonsense import spoil
from .pages import Pages
from .store import Store

MAX_BODY = 64 * 1024
SUBJECTS = {
    "/api/licences/list": "holder_code",
    "/api/licences/file": "identifier",
    "/api/licences/verify": "identifier",
}
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # else browsers send the forms with `Origin: null`
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'",
}


class Library:
    """Answer the interface, sign the answers, and let people see and change what is in the library."""

    def __init__(self, folder: Path, *, key: str) -> None:
        self.store, self.faults = Store(folder), Faults()
        self.key, self.gate = key, Gate(key)
        self.controls = Controls(self.store, self.faults)
        self.pages = Pages(self.store, self.faults, self.controls)

    def close(self) -> None:
        """Let slow answers go and close the store."""
        self.faults.close()
        self.store.close()

    def warm_up(self) -> None:
        """Draw a first file, because loading what draws it takes seconds; what the machine lacks is said when asked."""
        licence = next(iter(self.store.find("", timezone.localdate(), most=1)), None)
        if licence is not None:
            with suppress(Refused):
                draw(licence, {"reason": "准备"}, clock.now())

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = self.answer(WSGIRequest(environ))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        response = self._routed(request)
        for name, value in HEADERS.items():
            response[name] = value
        response["Content-Length"] = str(len(response.content))
        return response

    def _routed(self, request: HttpRequest) -> HttpResponse:
        if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
            return _no(413, "body_too_large", "内容过大。")
        if request.path == "/changes" or request.path.startswith("/api/"):
            return self._api(request)
        return self.pages.answer(request)

    def _api(self, request: HttpRequest) -> HttpResponse:
        if slow := self.faults.take("slow"):
            self.faults.wait(slow.seconds)
        if self.faults.take("fail"):
            return HttpResponse("Service Unavailable", status=503, content_type="text/plain")
        refused = self.gate.refusal(request)
        response = _no(401, *refused) if refused else self._asked(request)
        if response.status_code == 200 and (nonsense := self.faults.take("nonsense")):
            response.content = spoil(nonsense.kind, json.loads(response.content))
        if not refused:
            signature = answer_signature(
                self.key, status=response.status_code, body=response.content, nonce=request.headers["X-Nonce"]
            )
            response["X-Signature"] = signature[::-1] if self.faults.take("unsigned") else signature
        return response

    def _asked(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/changes":
            return self._changes(request)
        if request.path not in SUBJECTS:
            return _no(404, "path_unknown", "没有这个接口。")
        if request.method != "POST":
            return _no(405, "method", "请使用 POST。")
        try:
            question = json.loads(request.body)
        except ValueError:
            return _no(400, "json_wrong", "内容不是 JSON。")
        subject = question.get(SUBJECTS[request.path]) if isinstance(question, dict) else None
        if not isinstance(subject, str) or not subject.strip():
            return _no(400, "subject_missing", "缺少持证主体代码或证照标识。")
        reason = question.get("reason")
        if not isinstance(reason, str) or not reason.strip():
            return _no(400, "reason_missing", "缺少申请事由。")
        response = self._serve(request.path, subject, question)
        answer = "ok" if response.status_code == 200 else str(json.loads(response.content)["code"])
        self.store.note(action=request.path.rpartition("/")[2], subject=subject, question=question, answer=answer)
        return response

    def _serve(self, path: str, subject: str, question: dict[str, Any]) -> HttpResponse:
        today = timezone.localdate()
        if path.endswith("/list"):
            return JsonResponse({"licences": self.store.licences_of(subject, today)})
        try:
            licence = self.store.licence(check_identifier(subject), today)
        except Invalid as wrong:
            return _no(400, wrong.code, str(wrong))
        if licence is None:
            return _no(404, "licence_unknown", "没有这个证照标识。")
        if path.endswith("/verify"):
            return JsonResponse({"licence": licence})
        try:
            content = draw(licence, question, clock.now())
        except Refused as refusal:
            return _no(503, refusal.code, str(refusal))
        file = {
            "name": f"{licence['number']}.pdf",
            "kind": "pdf",
            "sha256": hashlib.sha256(content).hexdigest(),
            "content": base64.b64encode(content).decode(),
        }
        return JsonResponse({"licence": licence, "file": file})

    def _changes(self, request: HttpRequest) -> HttpResponse:
        after = request.GET.get("after", "0")
        if not after.isdecimal() or len(after) > 18:
            return _no(400, "cursor_wrong", "游标应为非负整数。")
        last, changes = self.store.changes(int(after), timezone.localdate())
        return JsonResponse({"last": last, "changes": changes})


def _no(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status)
