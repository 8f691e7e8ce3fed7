"""Answers that break the agreement, one kind at a time, correctly signed: the marketplace must take none of them."""

from __future__ import annotations

import base64
import hashlib
import json
from copy import deepcopy
from typing import Any

OTHER = {"code": "91110000MAXX99999X", "name": "别处某公司（演示）"}


def spoil(kind: str, answer: dict[str, Any]) -> bytes:
    """Return the body to send instead of `answer`."""
    if kind == "page":
        return "<!DOCTYPE html><title>系统维护</title><p>系统维护中，请稍后再试。".encode()
    body = json.dumps(answer, ensure_ascii=False).encode()
    if kind == "cut":
        return body[: len(body) // 2]
    changed = deepcopy(answer)
    if kind == "file" and "file" in changed:
        content = b"MZ\x90\x00 this is no PDF"
        changed["file"].update(
            content=base64.b64encode(content).decode(), sha256=hashlib.sha256(content).hexdigest(), kind="pdf"
        )
    for licence in _licences(changed):
        _spoil_one(kind, licence)
    return json.dumps(changed, ensure_ascii=False).encode()


def _licences(answer: dict[str, Any]) -> list[dict[str, Any]]:
    if "licence" in answer:
        return [answer["licence"]]
    return answer.get("licences") or [row["licence"] for row in answer.get("changes", [])]


def _spoil_one(kind: str, licence: dict[str, Any]) -> None:
    if kind == "other":
        licence.update(holder_code=OTHER["code"], holder_name=OTHER["name"])
        licence["fields"].pop("registered_code", None)
    elif kind == "forged":
        last = licence["identifier"][-1]
        licence["identifier"] = licence["identifier"][:-1] + ("0" if last != "0" else "1")
    elif kind == "dates":
        licence["issued_on"] = "2026-02-30"
    elif kind == "status":
        licence["status"] = "excellent"
    elif kind == "long":
        licence["holder_name"] = "甲" * 5000
