"""The local library's pages for people: find a holder, see a licence and who read it, and operate the library."""

from __future__ import annotations

import ipaddress
import json
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone

from ..persons import masked
from ..states import Status
from .controls import Controls
from .faults import NONSENSE, SWITCHES, Fault, Faults
from .files import words_of
from .invented import newcomers
from .store import MOVES, ControlRefused, Store
from .types import types

VERBS = {Status.VALID: ("resume", "恢复"), Status.SUSPENDED: ("suspend", "暂扣"), Status.CANCELLED: ("cancel", "注销")}
ACTIONS = {"list": "查询", "file": "调取文件", "verify": "核验"}


class Pages:
    """Show the library and take what its forms, or JSON from tests, say."""

    def __init__(self, store: Store, faults: Faults, controls: Controls) -> None:
        self.store, self.faults, self.controls = store, faults, controls

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a request for a page."""
        if request.path == "/healthz":
            return JsonResponse({"status": "ok", "licences": self.store.count()})
        if request.path == "/style.css":
            return HttpResponse((Path(__file__).parent / "style.css").read_bytes(), content_type="text/css")
        if not may_control(request):
            return _plain(403, "这些页面只在本机使用。")
        if request.path == "/control":
            return self._control(request) if request.method == "POST" else _plain(405, "请使用 POST。")
        if request.method != "GET":
            return _plain(405, "只支持查看。")
        if request.path == "/":
            return self._index(request.GET.get("q", "").strip())
        if request.path.startswith("/licences/"):
            return self._licence(request.path.removeprefix("/licences/"))
        return _plain(404, "没有这个页面。")

    def _control(self, request: HttpRequest) -> HttpResponse:
        is_json = request.content_type == "application/json"
        try:
            words = json.loads(request.body) if is_json else request.POST.dict()
            if not isinstance(words, dict):
                raise ControlRefused("内容应为 JSON 对象。")
            made = self.controls.act(words, today=timezone.localdate())
        except (ControlRefused, ValueError) as refused:
            message = str(refused) if isinstance(refused, ControlRefused) else "内容不是 JSON。"
            if is_json:
                return JsonResponse({"code": "control_refused", "message": message}, status=422)
            typed = request.POST.dict()
            if self.store.licence(typed.get("identifier", ""), timezone.localdate()):
                return self._licence(typed["identifier"], error=message, typed=typed)
            return self._index("", error=message, typed=typed)
        if is_json:
            return JsonResponse(made)
        identifier = made.get("identifier", "")
        return HttpResponseRedirect(f"/licences/{quote(identifier)}" if identifier else "/#faults")

    def _index(self, query: str, *, error: str = "", typed: dict[str, str] | None = None) -> HttpResponse:
        today = timezone.localdate()
        found = self.store.find(query, today) if query else []
        page = render_to_string(
            "licences/sandbox/index.html",
            {
                "query": query,
                "found": [_shown(licence, today) for licence in found],
                "count": self.store.count(),
                "newcomers": newcomers(),
                "types": types().values(),
                "typed": typed or {},
                "error": error,
                "switches": [(name, words, _state(self.faults.on().get(name))) for name, words in SWITCHES.items()],
                "nonsense": NONSENSE.items(),
                "readings": [_reading(row) for row in self.store.readings()],
            },
        )
        return HttpResponse(page, status=422 if error else 200)

    def _licence(self, identifier: str, *, error: str = "", typed: dict[str, str] | None = None) -> HttpResponse:
        today = timezone.localdate()
        licence = self.store.licence(identifier, today)
        if licence is None:
            return _plain(404, "没有这份证照。")
        shown = _shown(licence, today) | {"words": words_of(licence)}
        shown["renew_until"] = (typed or {}).get("valid_until") or shown["renew_until"]
        shown["moves"] = [VERBS[Status(status)] for status in MOVES[licence["status"]]]
        readings = self.store.readings(identifier) + self.store.readings(licence["holder_code"])
        readings.sort(key=lambda row: -row["number"])
        page = render_to_string(
            "licences/sandbox/licence.html",
            {"licence": shown, "readings": [_reading(row) for row in readings], "error": error},
        )
        return HttpResponse(page, status=422 if error else 200)


def may_control(request: HttpRequest) -> bool:
    """Tell whether the caller is this machine, by an address of this machine, and no other site's page sent the form."""
    host = request.META.get("HTTP_HOST", "")
    origin = request.headers.get("Origin", "")
    is_ours = origin in {"", f"{request.scheme}://{host}"}
    return is_ours and _is_loopback(urlsplit(f"//{host}").hostname) and _is_loopback(request.META.get("REMOTE_ADDR"))


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _shown(licence: dict[str, Any], today: date) -> dict[str, Any]:
    ends = date.fromisoformat(licence["valid_until"]) if licence["valid_until"] else today
    begins = max(today, ends)
    next_year = date(begins.year + 1, begins.month, min(begins.day, 28))
    return {**licence, "word": Status(licence["status"]).label, "renew_until": next_year.isoformat()}


def _reading(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "word": ACTIONS.get(row["action"], row["action"]), "subject": masked(row["subject"])}


def _state(fault: Fault | None) -> str:
    if fault is None:
        return ""
    words = "一直有效" if fault.times is None else f"还有 {fault.times} 次"
    words += f"，{fault.seconds:g} 秒" if fault.seconds else ""
    return words + (f"，{NONSENSE[fault.kind]}" if fault.kind else "")


def _plain(status: int, message: str) -> HttpResponse:
    return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
