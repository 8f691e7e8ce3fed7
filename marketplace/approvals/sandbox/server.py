"""The local approval platform's interface and pages, as a WSGI application."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from marketplace.projects.states import CaseStatus

from .columns import named
from .data import DemoProject, demo_projects, matter_names
from .store import Store

MAX_BODY = 256 * 1024
# Fields that a row must have: those of SPGL_ZJFWSXBLGCXXB (states), SPGL_ZJFWSXBLXXB (services), and a result's.
REQUIRED = {
    "states": ("dfsjzj", "xmdm", "zjfwsxslbm", "blzt", "blsj"),
    "services": ("dfsjzj", "xmdm", "zjfwsxmc", "zjfwsxbm", "zjfwsxslbm", "zjjgdm", "zjjgmc"),
    "results": ("project_code", "service_code", "firm_uscc", "file_name", "sha256", "size"),
}
WORDS = {"states": "办理过程", "services": "服务事项", "results": "服务成果"}
# What a state of the marketplace means for the case that waits for it.
CASE_AFTER = {
    "published": CaseStatus.SELECTING,
    "failed": CaseStatus.WAITING,
    "cancelled": CaseStatus.WAITING,
    "contracted": CaseStatus.SERVING,
}


class Platform:
    """Answer the interface and show, for people, what came in."""

    def __init__(self, folder: Path, *, key: str) -> None:
        self.store = Store(folder)
        self.key = key
        self.projects = {project.code: project for project in demo_projects()}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = self.answer(WSGIRequest(environ))
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Length"] = str(len(response.content))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    def answer(self, request: HttpRequest) -> HttpResponse:
        path = request.path
        if path.startswith("/api/"):
            return self._api(request, path)
        if request.method != "GET":
            return HttpResponse("只支持查看。", status=405, content_type="text/plain; charset=utf-8")
        if path == "/":
            return self._index()
        if path == "/style.css":
            return HttpResponse((Path(__file__).parent / "style.css").read_bytes(), content_type="text/css")
        if path == "/healthz":
            return JsonResponse({"status": "ok"})
        project = self.projects.get(path.removeprefix("/projects/").strip("/"))
        if project is None:
            return HttpResponse("没有这个页面。", status=404, content_type="text/plain; charset=utf-8")
        return self._project_page(project)

    def _api(self, request: HttpRequest, path: str) -> HttpResponse:
        if not hmac.compare_digest(request.headers.get("X-Api-Key", "").encode(), self.key.encode()):
            return _no(401, "key_wrong", "接口密钥不正确。")
        if match := re.fullmatch(r"/api/projects/([0-9-]+)", path):
            project = self.projects.get(match[1])
            if project is None:
                return _no(404, "project_unknown", "没有这个项目代码。")
            return JsonResponse(self._facts(project))
        if match := re.fullmatch(r"/api/intermediary/(states|services|results)", path):
            if request.method != "POST":
                return _no(405, "method", "请使用 POST。")
            return self._take(request, match[1])
        return _no(404, "path_unknown", "没有这个接口。")

    def _take(self, request: HttpRequest, kind: str) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if not key or len(key) > 128:
            return _no(400, "idempotency_key_missing", "缺少幂等键。")
        if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
            return _no(413, "body_too_large", "内容过大。")
        try:
            body = json.loads(request.body)
        except ValueError:
            return _no(400, "json_wrong", "内容不是 JSON。")
        missing = [name for name in REQUIRED[kind] if not isinstance(body, dict) or body.get(name) in {None, ""}]
        if missing:
            return _no(422, "fields_missing", "缺少字段：" + "、".join(missing))
        code = str(body.get("xmdm") or body.get("project_code"))
        project = self.projects.get(code)
        if project is None:
            return _no(422, "project_unknown", f"没有项目代码 {code}。")
        case_number = str(body.get("spsxslbm") or body.get("case_number") or "")
        if case_number and case_number not in {case.number for case in project.cases}:
            return _no(422, "case_unknown", f"项目 {code} 没有办件 {case_number}。")
        if kind == "results" and not re.fullmatch(r"[0-9a-f]{64}", str(body["sha256"])):
            return _no(422, "sha256_wrong", "成果文件的 SHA-256 应为 64 位十六进制数。")
        status = CaseStatus.RESULT if kind == "results" else CASE_AFTER.get(str(body.get("ztbm", "")))
        answer = self.store.take(
            key=key,
            kind=kind,
            project=code,
            case_number=case_number,
            body=body,
            status=str(status) if status else None,
        )
        return JsonResponse(answer, status=200 if answer.get("repeated") else 201)

    def _facts(self, project: DemoProject) -> dict[str, Any]:
        names = matter_names()
        return {
            "code": project.code,
            "name": project.name,
            "owner_uscc": project.owner_uscc,
            "owner_name": project.owner_name,
            "region_code": project.region_code,
            "location": project.location,
            "investment_fen": project.investment_fen,
            "cases": [
                {
                    "number": case.number,
                    "matter_code": case.matter_code,
                    "matter_name": names[case.matter_code][0],
                    "department": names[case.matter_code][1],
                    "status": self.store.status(case.number),
                }
                for case in project.cases
            ],
        }

    def _index(self) -> HttpResponse:
        counts = self.store.counts()
        rows = [{**self._facts(project), "messages": counts.get(project.code, 0)} for project in self.projects.values()]
        rows.sort(key=lambda row: -row["messages"])
        return HttpResponse(render_to_string("approvals/sandbox/index.html", {"projects": _labelled(rows)}))

    def _project_page(self, project: DemoProject) -> HttpResponse:
        facts = _labelled([self._facts(project)])[0]
        received = [
            {**row, "word": WORDS[row["kind"]], "columns": named(row["body"])}
            for row in self.store.received(project.code)
        ]
        return HttpResponse(
            render_to_string("approvals/sandbox/project.html", {"project": facts, "received": received})
        )


def _labelled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in rows:
        for case in row["cases"]:
            case["word"] = CaseStatus(case["status"]).label
    return rows


def _no(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"success": False, "code": code, "message": message}, status=status)
