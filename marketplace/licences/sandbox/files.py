"""The file of a licence: a PDF, stamped with who may use it for what and when (加注件)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from marketplace.core.pdf import make_pdf

from ..states import Status

LABELS = {
    "kind": "",
    "legal_representative": "法定代表人",
    "address": "住所",
    "region": "区划代码",
    "registered_on": "成立日期",
    "capital": "注册资本",
    "grade": "等级",
    "scope": "范围",
    "person": "姓名",
    "profession": "执业资格",
    "discipline": "专业",
    "registered_at": "注册单位",
    "registered_code": "注册单位代码",
}


def words_of(licence: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what stands on a licence as (label, value), for the PDF and the control page."""
    fields = licence["fields"].items()
    return [(LABELS.get(name, name), value) for name, value in fields if LABELS.get(name, name)]


def draw(licence: dict[str, Any], question: dict[str, Any], now: datetime) -> bytes:
    """Return the stamped PDF. Refuses as core.pdf.make_pdf does where the machine lacks a library or a font."""
    return make_pdf(
        "licences/sandbox/file.html",
        "licences/sandbox/file.css",
        {
            "licence": licence,
            "words": words_of(licence),
            "status": Status(licence["status"]).label,
            "reason": question["reason"],
            "reference": question.get("reference", ""),
            "organization": question.get("organization_name", ""),
            "day": timezone.localdate(now),
        },
    )
