"""The approval platform 审批平台, behind this one file: ask it for projects, tell it states and results."""

from __future__ import annotations

import logging
import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.core.refusals import Invalid, Refused

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 3.0
# GB/T 40058-2021: four digits of time (YYMM, or a year in codes before November 2020), area, department, type, number.
# The standard's check digit is published nowhere that we found: only the form is tested, the platform knows the rest.
CODE = re.compile(r"\d{4}-\d{6}-\d{2}-\d{2}-\d{6}")
PATHS = {"state": "states", "service": "services", "result": "results"}


class PlatformUnavailable(Refused):
    """The platform cannot be reached or does not answer as agreed; try again later."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "platform_unavailable",
            _("审批平台暂时无法连接，已为您保留填写的内容。您可以稍后重试，或先不关联项目，直接发布需求。"),
            field="code",
        )


class PushRefused(Refused):
    """The platform took the message and says that it is wrong; repeating it will not help."""

    def __init__(self, message: str) -> None:
        super().__init__("push_refused", message)


@dataclass(frozen=True)
class FetchedCase:
    """One matter in progress (审批件), as the platform tells it."""

    number: str
    matter_code: str
    matter_name: str
    department: str
    status: str


@dataclass(frozen=True)
class FetchedProject:
    """One investment project, as the platform tells it; money in fen."""

    code: str
    name: str
    owner_uscc: str
    owner_name: str
    region_code: str
    location: str
    investment_fen: int | None
    cases: tuple[FetchedCase, ...]


def clean_code(text: str) -> str:
    """Return a project code as it is written: half-width, no spaces. Refuses with `project_code_form`."""
    code = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("—", "-").replace("–", "-")
    if not CODE.fullmatch(code):
        raise Invalid(
            "project_code_form",
            _("项目代码应为 24 位，形如 2605-360602-04-01-123456，请核对后重新填写。"),
            field="code",
        )
    return code


def fetch_project(code: str) -> FetchedProject:
    """Ask for a project by its code. Refuses with `project_code_form`, `project_not_found`, `platform_unavailable`."""
    code = clean_code(code)
    response = _request("GET", f"/api/projects/{quote(code)}")
    if response.status_code == httpx.codes.NOT_FOUND:
        raise Invalid(
            "project_not_found",
            _("审批平台没有查到项目代码 %(code)s，请核对代码，或向项目审批部门确认赋码情况。") % {"code": code},
            field="code",
        )
    if response.status_code != httpx.codes.OK:
        logger.error("approval platform answered %s to a project query", response.status_code)
        raise PlatformUnavailable
    try:
        return _project(response.json())
    except (ValueError, KeyError, TypeError) as wrong:
        logger.exception("approval platform sent a project that we cannot read")
        raise PlatformUnavailable from wrong


def push(kind: str, payload: dict[str, Any], key: str) -> dict[str, Any]:
    """Tell the platform a "state", a "service" or a "result"; the same `key` is taken once, however often it is sent.

    Returns its answer. Refuses with `platform_unavailable` (send again) or `push_refused` (do not).
    """
    response = _request("POST", f"/api/intermediary/{PATHS[kind]}", payload=payload, key=key)
    if response.status_code in {httpx.codes.BAD_REQUEST, httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY}:
        raise PushRefused(_sentence(response))
    if not response.is_success:
        logger.error("approval platform answered %s to a push", response.status_code)
        raise PlatformUnavailable
    try:
        answer = response.json()
    except ValueError as wrong:
        raise PlatformUnavailable from wrong
    return answer if isinstance(answer, dict) else {}


def _request(method: str, path: str, *, payload: dict[str, Any] | None = None, key: str = "") -> httpx.Response:
    headers = {"Accept": "application/json", "X-Api-Key": settings.APPROVAL_PLATFORM_KEY}
    if key:
        headers["Idempotency-Key"] = key
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            return client.request(method, settings.APPROVAL_PLATFORM_URL + path, json=payload, headers=headers)
    except httpx.HTTPError as problem:
        logger.warning("approval platform unreachable: %s", problem)
        raise PlatformUnavailable from problem


def _project(body: dict[str, Any]) -> FetchedProject:
    investment = body.get("investment_fen")
    return FetchedProject(
        code=str(body["code"]),
        name=str(body["name"]),
        owner_uscc=str(body.get("owner_uscc") or ""),
        owner_name=str(body.get("owner_name") or ""),
        region_code=str(body.get("region_code") or ""),
        location=str(body.get("location") or ""),
        investment_fen=int(investment) if investment is not None else None,
        cases=tuple(
            FetchedCase(
                number=str(case["number"]),
                matter_code=str(case["matter_code"]),
                matter_name=str(case["matter_name"]),
                department=str(case.get("department") or ""),
                status=str(case["status"]),
            )
            for case in body.get("cases", [])
        ),
    )


def _sentence(response: httpx.Response) -> str:
    try:
        return str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {response.status_code}"
